#include "leaf/model/backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

/// Numbers in [−0.5, 0.5) that look random and are the same in any language: the fractions of multiples of an irrational.
torch::Tensor fractions(torch::IntArrayRef shape, double step, double start) {
  auto values = torch::empty(shape, torch::kDouble);
  for (int64_t i = 0; i < values.numel(); ++i) {
    const double value = static_cast<double>(i + 1) * step + start;
    values.data_ptr<double>()[i] = value - std::floor(value) - 0.5;
  }
  return values;
}

void fill(Backbone& backbone) {
  int index = 0;
  for (auto& [name, tensor] : collect(backbone)) {
    const auto values = fractions(tensor.sizes(), 0.6180339887498949, 0.1 * index++);
    if (!tensor.is_floating_point()) continue;
    if (tensor.dim() == 4) {
      tensor.copy_(values * (4 / std::sqrt(static_cast<double>(tensor[0].numel()))));
    } else {
      tensor.copy_(name.ends_with("running_var") || name.ends_with("weight") ? 1 + 0.5 * values : 0.2 * values);
    }
  }
}

struct Expected {
  std::string name, stem;
  size_t tensors;
  int64_t width;
  std::vector<float> ends;  ///< the first four features of the first image and the last four of the second
};

// Made with torchvision 0.14 (ResNets) and with the definition of USB (wide ones) from the weights and images above.
const Expected kExpected[] = {
    {"resnet18", "imagenet", 120, 512, {1.36519f, 0.135909f, 0, 0, 1.71341f, 0, 0, 0}},
    {"resnet18", "small", 120, 512, {1.4801f, 0.159678f, 0.000675883f, 0, 1.69455f, 0.00358674f, 0.00716759f, 0.00535798f}},
    {"resnet34", "imagenet", 216, 512, {0, 0.180457f, 0, 0, 0, 0.0958599f, 0, 0.096251f}},
    {"resnet50", "imagenet", 318, 2048, {0, 0.113952f, 1.38708f, 0.00371861f, 0.625068f, 0.636614f, 3.52592f, 0}},
    {"wideresnet28_2",
     "small",
     181,
     128,
     {0.0200359f, -0.00664569f, 0.141239f, -0.0281798f, -0.0592195f, 0.142056f, 0.0664231f, 0.283864f}},
    {"wideresnet28_8",
     "small",
     181,
     512,
     {0.35942f, -0.0172937f, 0.300135f, -0.0747931f, 0.561772f, 0.628743f, 0.166617f, -0.076164f}},
};

TEST(Backbones, AreRegisteredByName) {
  EXPECT_THAT(backbones().names(), testing::IsSupersetOf({"resnet18", "resnet34", "resnet50", "wideresnet28_2", "wideresnet28_8",
                                                          "dlib_resnet", "dlib_resnet_128", "face_expression"}));
}

TEST(Backbones, ComputeWhatTheirOriginalsCompute) {
  const torch::NoGradGuard no_gradient;
  const auto images = (2 * fractions({2, 3, 24, 24}, 0.7548776662466927, 0)).to(torch::kFloat32);
  for (const auto& expected : kExpected) {
    SCOPED_TRACE(expected.name + " " + expected.stem);
    const auto backbone = backbones().at(expected.name).make(expected.stem);
    fill(*backbone);
    backbone->eval();
    EXPECT_EQ(collect(*backbone).size(), expected.tensors);
    const auto pooled = [&](const torch::Tensor& x) {
      return torch::adaptive_avg_pool2d(backbone->forward(x, {}), {1, 1}).flatten(1);
    };
    const auto features = pooled(images);
    ASSERT_EQ(features.sizes(), torch::IntArrayRef({2, expected.width}));
    EXPECT_EQ(backbone->width(), expected.width);
    EXPECT_TRUE(near(torch::cat({features[0].slice(0, 0, 4), features[1].slice(0, -4)}), torch::tensor(expected.ends)));
    if (expected.tensors > 200) continue;  // the order of memory makes no difference between deep and shallow ones
    order_channels_last(*backbone);
    EXPECT_TRUE(near(pooled(images.contiguous(torch::MemoryFormat::ChannelsLast)), features));
  }
}

TEST(Backbones, NameTheirTensorsAsTheirOriginalsDo) {
  const auto has = [](const std::string& name, const std::vector<std::string>& tensors) {
    const auto state = collect(*backbones().at(name).make("imagenet"));
    for (const auto& tensor : tensors) EXPECT_TRUE(state.contains(tensor)) << name << " " << tensor;
  };
  has("resnet18", {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
                   "layer2.0.downsample.1.num_batches_tracked", "layer4.1.bn2.bias"});
  has("resnet50", {"layer1.0.downsample.0.weight", "layer3.5.conv3.weight", "layer4.2.bn3.running_mean"});
  has("wideresnet28_2", {"conv1.bias", "block1.layer.0.bn1.weight", "block1.layer.0.convShortcut.bias",
                         "block3.layer.3.conv2.weight", "bn1.running_mean"});
}

TEST(Backbones, StartWithKaimingsWeights) {
  torch::manual_seed(1);
  const auto state = collect(*backbones().at("resnet18").make("imagenet"));
  EXPECT_NEAR(state.at("layer4.1.conv2.weight").std().item<double>(), std::sqrt(2.0 / (512 * 9)), 1e-4);
  EXPECT_NEAR(state.at("conv1.weight").std().item<double>(), std::sqrt(2.0 / (64 * 49)), 1e-3);
  EXPECT_TRUE(torch::equal(state.at("layer4.1.bn2.weight"), torch::ones({512})));
}

}  // namespace
}  // namespace leaf
