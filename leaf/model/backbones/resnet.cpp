#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <memory>
#include <utility>
#include <vector>

#include "leaf/model/backbone.h"

// ResNet (He et al., CVPR 2016) as torchvision defines it, names of the state dictionary included, without `fc`. The small stem
// is the SSL field's for images of 32 to 64 pixels: a 3×3 convolution with stride 1 and no pooling.

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Sequential;

Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

/// What a block adds to: the input, or a 1×1 convolution of it where the shape changes.
Sequential shortcut(int64_t in, int64_t out, int64_t stride) {
  if (stride == 1 && in == out) return nullptr;
  return Sequential(convolution(in, out, 1, stride), BatchNorm2d(out));
}

/// Two 3×3 convolutions (ResNet-18 and 34).
class BasicBlock : public torch::nn::Module {
 public:
  static constexpr int64_t kExpansion = 1;

  BasicBlock(int64_t in, int64_t planes, int64_t stride)
      : conv1_(register_module("conv1", convolution(in, planes, 3, stride))),
        bn1_(register_module("bn1", BatchNorm2d(planes))),
        conv2_(register_module("conv2", convolution(planes, planes, 3, 1))),
        bn2_(register_module("bn2", BatchNorm2d(planes))),
        downsample_(shortcut(in, planes, stride)) {
    if (downsample_) register_module("downsample", downsample_);
  }

  Tensor forward(const Tensor& x) {
    const auto inner = bn1_(conv1_(x)).relu_();
    return bn2_(conv2_(inner)).add_(downsample_ ? downsample_->forward(x) : x).relu_();
  }

 private:
  Conv2d conv1_;
  BatchNorm2d bn1_;
  Conv2d conv2_;
  BatchNorm2d bn2_;
  Sequential downsample_;
};

/// 1×1 to narrow, 3×3 with the stride (torchvision's "v1.5"), 1×1 to widen four times (ResNet-50).
class Bottleneck : public torch::nn::Module {
 public:
  static constexpr int64_t kExpansion = 4;

  Bottleneck(int64_t in, int64_t planes, int64_t stride)
      : conv1_(register_module("conv1", convolution(in, planes, 1, 1))),
        bn1_(register_module("bn1", BatchNorm2d(planes))),
        conv2_(register_module("conv2", convolution(planes, planes, 3, stride))),
        bn2_(register_module("bn2", BatchNorm2d(planes))),
        conv3_(register_module("conv3", convolution(planes, planes * kExpansion, 1, 1))),
        bn3_(register_module("bn3", BatchNorm2d(planes * kExpansion))),
        downsample_(shortcut(in, planes * kExpansion, stride)) {
    if (downsample_) register_module("downsample", downsample_);
  }

  Tensor forward(const Tensor& x) {
    const auto narrow = bn1_(conv1_(x)).relu_();
    const auto inner = bn2_(conv2_(narrow)).relu_();
    return bn3_(conv3_(inner)).add_(downsample_ ? downsample_->forward(x) : x).relu_();
  }

 private:
  Conv2d conv1_;
  BatchNorm2d bn1_;
  Conv2d conv2_;
  BatchNorm2d bn2_;
  Conv2d conv3_;
  BatchNorm2d bn3_;
  Sequential downsample_;
};

template <typename Block>
class ResNet : public Backbone {
 public:
  /// `planes`: channels of the first layer, 64 as published.
  ResNet(const std::vector<int64_t>& depths, const std::string& stem, int64_t planes)
      : small_(stem == "small"),
        width_(planes),
        conv1_(register_module("conv1", small_ ? convolution(3, planes, 3, 1) : convolution(3, planes, 7, 2))),
        bn1_(register_module("bn1", BatchNorm2d(planes))) {
    for (size_t i = 0; i < depths.size(); ++i) {
      layers_.push_back(register_module("layer" + std::to_string(i + 1), make_layer(planes << i, depths[i], i == 0 ? 1 : 2)));
    }
    initialize_convolutions(*this);
  }

  Tensor forward(const Tensor& images) override {
    auto x = bn1_(conv1_(images)).relu_();
    if (!small_) x = torch::max_pool2d(x, 3, 2, 1);
    for (auto& layer : layers_) x = layer->forward(x);
    return x;
  }

  int64_t width() const override { return width_; }

 private:
  Sequential make_layer(int64_t planes, int64_t depth, int64_t stride) {
    Sequential layer;
    for (int64_t i = 0; i < depth; ++i) {
      layer->push_back(std::make_shared<Block>(width_, planes, i == 0 ? stride : 1));
      width_ = planes * Block::kExpansion;
    }
    return layer;
  }

  bool small_;
  int64_t width_;
  Conv2d conv1_;
  BatchNorm2d bn1_;
  std::vector<Sequential> layers_;
};

template <typename Block>
BackboneEntry entry(std::string summary, std::vector<int64_t> depths, int64_t planes = 64) {
  return {std::move(summary), true,
          [depths, planes](const std::string& stem) { return std::make_shared<ResNet<Block>>(depths, stem, planes); }};
}

const Registration kResNet10Half{
    backbones(), "resnet10_half",
    entry<BasicBlock>("ResNet-10 of half width, 1.2 million weights, width 256: quick on a CPU", {1, 1, 1, 1}, 32)};
const Registration kResNet18{backbones(), "resnet18",
                             entry<BasicBlock>("ResNet-18, 11.2 million weights, width 512", {2, 2, 2, 2})};
const Registration kResNet34{backbones(), "resnet34",
                             entry<BasicBlock>("ResNet-34, 21.3 million weights, width 512", {3, 4, 6, 3})};
const Registration kResNet50{backbones(), "resnet50",
                             entry<Bottleneck>("ResNet-50, 23.5 million weights, width 2048", {3, 4, 6, 3})};

}  // namespace
}  // namespace leaf
