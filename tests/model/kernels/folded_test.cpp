#include "leaf/model/kernels/folded.h"

#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/model/kernels/pooling.h"
#include "leaf/model/model.h"
#include "leaf/model/precision.h"
#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;

/// The length of the difference in units of the length of what is expected.
double difference(const Tensor& found, const Tensor& expected) {
  const auto wide = [](const Tensor& x) { return (x.is_quantized() ? x.dequantize() : x).to(torch::kFloat64); };
  return ((wide(found) - wide(expected)).norm() / wide(expected).norm()).item<double>();
}

/// Running statistics and factors as training leaves them, not those of a fresh layer.
BatchNorm2d trained_normalization(int64_t channels) {
  BatchNorm2d normalization(channels);
  const torch::NoGradGuard no_gradient;
  normalization->weight.uniform_(0.5, 1.5);
  normalization->bias.normal_();
  normalization->running_mean.normal_();
  normalization->running_var.uniform_(1, 2);
  normalization->eval();
  return normalization;
}

struct FoldedCase {
  int64_t in, out, kernel, stride, size;
  bool bias, added;
  double slope;
};

class FoldedLayer : public testing::TestWithParam<FoldedCase> {};

TEST_P(FoldedLayer, IsConvolutionNormalizationAdditionAndRectifier) {
  const auto& c = GetParam();
  const torch::NoGradGuard no_gradient;
  torch::manual_seed(1);
  Conv2d convolution(torch::nn::Conv2dOptions(c.in, c.out, c.kernel).stride(c.stride).padding(c.kernel / 2).bias(c.bias));
  auto normalization = trained_normalization(c.out);
  const auto images = torch::rand({5, c.in, c.size, c.size}).contiguous(torch::MemoryFormat::ChannelsLast);
  // Statistics that fit the convolution's results, or 8 bits would have a range that is far too wide or narrow.
  const auto plain = convolution(images);
  normalization->running_mean.copy_(plain.mean({0, 2, 3}));
  normalization->running_var.copy_(plain.var({0, 2, 3}, true));
  const auto more = torch::rand(plain.sizes()).contiguous(torch::MemoryFormat::ChannelsLast);
  auto expected = normalization(plain);
  if (c.added) expected = expected + more;
  expected = torch::leaky_relu(expected, c.slope);

  for (const std::string precision : {"float32", "bfloat16", "int8"}) {
    if (precision == "bfloat16" && !convolves_bfloat16()) continue;
    SCOPED_TRACE(precision);
    Folded folded(precision, 1);
    auto& layer = folded.layer(*convolution, *normalization, c.slope);
    const double near = precision == "float32" ? 1e-5 : precision == "bfloat16" ? 2e-2 : 6e-2;
    for (const int64_t n : {5, 2, 5}) {  // another shape, and one that is known
      const auto added = c.added ? folded.input(more.slice(0, 0, n).clone(torch::MemoryFormat::ChannelsLast)) : Tensor();
      EXPECT_LT(difference(layer.forward(folded.input(images.slice(0, 0, n)), added), expected.slice(0, 0, n)), near) << n;
    }
  }
}

const FoldedCase kLayers[] = {{3, 16, 7, 2, 32, false, false, 0}, {16, 32, 3, 1, 9, false, true, 0},
                              {32, 16, 3, 2, 8, false, false, 0}, {16, 32, 1, 2, 8, false, false, 1},
                              {8, 16, 3, 1, 7, true, true, 0.1},  {5, 7, 3, 1, 4, true, false, 0.1},
                              {32, 64, 3, 1, 9, false, true, 0},  {64, 32, 3, 2, 7, true, true, 0.1},
                              {32, 96, 1, 2, 8, false, false, 1}, {3, 64, 7, 2, 32, false, false, 0}};

INSTANTIATE_TEST_SUITE_P(Shapes, FoldedLayer, testing::ValuesIn(kLayers));

TEST(PoolLargestOnly, IsThatOfLibtorchInEveryType) {
  torch::manual_seed(2);
  for (const int64_t size : {8, 7, 1}) {
    const auto images = torch::rand({2, 16, size, size}).contiguous(torch::MemoryFormat::ChannelsLast);
    for (const std::string precision : {"float32", "bfloat16", "int8"}) {
      if (precision == "bfloat16" && !convolves_bfloat16()) continue;
      const auto x = Folded(precision, 1).input(images);
      const auto numbers = x.is_quantized() ? x.dequantize() : x.to(torch::kFloat32);
      EXPECT_EQ(difference(pool_largest(x, 1), torch::max_pool2d(numbers, 3, 2, 1)), 0) << precision << size;
    }
  }
}

ModelOptions network(const std::string& backbone, const std::string& precision) {
  ModelOptions options;
  options.backbone = backbone;
  options.precision = precision;
  options.unit_length = false;
  return options;
}

/// A network whose statistics follow the images it has seen.
Model seasoned(const std::string& backbone, int64_t size) {
  torch::manual_seed(3);
  auto model = make_model(network(backbone, "float32"), 7, size);
  const torch::NoGradGuard no_gradient;
  model->train();
  for (int i = 0; i < 30; ++i) model->forward(torch::randn({16, 3, size, size}));
  model->eval();
  return model;
}

class FoldedNetwork : public testing::TestWithParam<std::string> {};

TEST_P(FoldedNetwork, GivesNearlyWhatTheNetworkGives) {
  auto model = seasoned(GetParam(), 64);
  const torch::NoGradGuard no_gradient;
  const auto images = torch::randn({12, 3, 64, 64}).clamp(-2.5, 2.5);
  const auto expected = model->forward(images).features;
  model->fold("float32", 2.7);
  EXPECT_LT(difference(model->forward(images).features, expected), 1e-4);
  // A network of random weights enlarges what is rounded, the deeper the more.
  auto low = make_model(network(GetParam(), "bfloat16"), 7, 64);
  copy_state(*model, *low);
  low->eval();
  const double rounded = difference(low->forward(images).features, expected);
  if (convolves_bfloat16()) {
    model->fold("bfloat16", 2.7);
    EXPECT_LT(difference(model->forward(images).features, expected), 1.5 * rounded + 0.01);
  }
  model->fold("int8", 2.7);
  if (!GetParam().starts_with("resnet")) {  // convolutions without a normalization
    EXPECT_THROW(model->forward(images), UsageError);
  } else {
    EXPECT_LT(difference(model->forward(images).features, expected), 3 * rounded + 0.1);
  }
}

INSTANTIATE_TEST_SUITE_P(Backbones, FoldedNetwork,
                         testing::Values("resnet10_half", "resnet18", "resnet50", "wideresnet28_2", "dlib_resnet_128",
                                         "face_expression"));

TEST(FoldedNetwork, IsNotUsedInTrainingOrWithGradients) {
  torch::manual_seed(4);
  auto model = seasoned("resnet10_half", 32);
  model->fold("float32", 2.7);
  const auto images = torch::randn({4, 3, 32, 32}).requires_grad_();
  model->forward(images).logits.sum().backward();
  EXPECT_GT(images.grad().abs().max().item<float>(), 0);
  const auto before = model->named_buffers()["backbone.bn1.running_mean"].clone();
  model->train();
  model->forward(images.detach());
  EXPECT_GT((model->named_buffers()["backbone.bn1.running_mean"] - before).abs().max().item<float>(), 0);
}

TEST(FoldedNetwork, RefusesAPrecisionThatItDoesNotKnow) {
  auto model = seasoned("resnet10_half", 32);
  EXPECT_THROW(model->fold("int4", 2.7), UsageError);
}

}  // namespace
}  // namespace leaf
