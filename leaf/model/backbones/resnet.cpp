#include <torch/nn/modules/container/sequential.h>

#include <memory>
#include <utility>
#include <vector>

#include "leaf/model/backbone.h"
#include "leaf/model/layers.h"

// ResNet (He et al., CVPR 2016) as torchvision defines it, names of the state dictionary included, without `fc`. The small stem
// is the SSL field's for images of 32 to 64 pixels: a 3×3 convolution with stride 1 and no pooling.

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Sequential;

constexpr double kReLU = 0, kLinear = 1;  ///< slopes of the rectifier

Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

/// What a block adds to: the input, or a 1×1 convolution of it where the shape changes. The state dictionary knows it as
/// `downsample`, with the convolution as 0 and the normalization as 1.
class Shortcut {
 public:
  Shortcut(torch::nn::Module& block, int64_t in, int64_t out, int64_t stride) {
    if (stride == 1 && in == out) return;
    convolution_ = convolution(in, out, 1, stride);
    normalization_ = BatchNorm2d(out);
    block.register_module("downsample", Sequential(convolution_, normalization_));
  }

  Tensor forward(const Tensor& x, const Pass& pass) {
    return convolution_ ? convolve_and_normalize(convolution_, normalization_, x, pass, kLinear) : x;
  }

 private:
  Conv2d convolution_{nullptr};
  BatchNorm2d normalization_{nullptr};
};

/// Two 3×3 convolutions (ResNet-18 and 34).
class BasicBlock : public torch::nn::Module {
 public:
  static constexpr int64_t kExpansion = 1;

  BasicBlock(int64_t in, int64_t planes, int64_t stride)
      : conv1_(register_module("conv1", convolution(in, planes, 3, stride))),
        bn1_(register_module("bn1", BatchNorm2d(planes))),
        conv2_(register_module("conv2", convolution(planes, planes, 3, 1))),
        bn2_(register_module("bn2", BatchNorm2d(planes))),
        shortcut_(*this, in, planes, stride) {}

  Tensor forward(const Tensor& x, const Pass& pass) {
    const auto inner = convolve_and_normalize(conv1_, bn1_, x, pass, kReLU);
    return convolve_and_normalize(conv2_, bn2_, inner, pass, kReLU, shortcut_.forward(x, pass));
  }

 private:
  Conv2d conv1_;
  BatchNorm2d bn1_;
  Conv2d conv2_;
  BatchNorm2d bn2_;
  Shortcut shortcut_;
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
        shortcut_(*this, in, planes * kExpansion, stride) {}

  Tensor forward(const Tensor& x, const Pass& pass) {
    const auto narrow = convolve_and_normalize(conv1_, bn1_, x, pass, kReLU);
    const auto inner = convolve_and_normalize(conv2_, bn2_, narrow, pass, kReLU);
    return convolve_and_normalize(conv3_, bn3_, inner, pass, kReLU, shortcut_.forward(x, pass));
  }

 private:
  Conv2d conv1_;
  BatchNorm2d bn1_;
  Conv2d conv2_;
  BatchNorm2d bn2_;
  Conv2d conv3_;
  BatchNorm2d bn3_;
  Shortcut shortcut_;
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
      register_module("layer" + std::to_string(i + 1), make_layer(planes << i, depths[i], i == 0 ? 1 : 2));
    }
    initialize_convolutions(*this);
  }

  Tensor forward(const Tensor& images, const Pass& pass) override {
    auto x = convolve_and_normalize(conv1_, bn1_, images, pass, kReLU);
    if (!small_) x = pool_largest(x, pass);
    for (auto& block : blocks_) x = block->forward(x, pass);
    return x;
  }

  int64_t width() const override { return width_; }

 private:
  Sequential make_layer(int64_t planes, int64_t depth, int64_t stride) {
    Sequential layer;
    for (int64_t i = 0; i < depth; ++i) {
      blocks_.push_back(std::make_shared<Block>(width_, planes, i == 0 ? stride : 1));
      layer->push_back(blocks_.back());
      width_ = planes * Block::kExpansion;
    }
    return layer;
  }

  bool small_;
  int64_t width_;
  Conv2d conv1_;
  BatchNorm2d bn1_;
  std::vector<std::shared_ptr<Block>> blocks_;  ///< of all layers, in order
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
