#include <torch/nn/modules/container/sequential.h>

#include <memory>
#include <utility>
#include <vector>

#include "leaf/model/backbone.h"
#include "leaf/model/layers.h"

// Wide ResNet (Zagoruyko and Komodakis, BMVC 2016) as the SSL field's code bases TorchSSL and USB define it, names of the state
// dictionary included, without the classifier: pre-activation, LeakyReLU(0.1), biased convolutions, slow batch statistics.
// Where a block changes the shape, both its paths see the activated input, as in USB; TorchSSL's gives the raw one to both in
// the second and third group, so that the first normalization of those has no effect.

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Sequential;

Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2));
}

BatchNorm2d normalization(int64_t channels) {
  return BatchNorm2d(torch::nn::BatchNorm2dOptions(channels).momentum(0.001).eps(0.001));
}

constexpr double kSlope = 0.1, kLinear = 1;  ///< of the rectifier below 0

class WideBlock : public torch::nn::Module {
 public:
  WideBlock(int64_t in, int64_t out, int64_t stride)
      : bn1_(register_module("bn1", normalization(in))),
        conv1_(register_module("conv1", convolution(in, out, 3, stride))),
        bn2_(register_module("bn2", normalization(out))),
        conv2_(register_module("conv2", convolution(out, out, 3, 1))) {
    if (in != out) shortcut_ = register_module("convShortcut", convolution(in, out, 1, stride));
  }

  Tensor forward(const Tensor& x, const Pass& pass) {
    const auto active = normalize(bn1_, x, pass, kSlope);
    const auto inner = convolve_and_normalize(conv1_, bn2_, active, pass, kSlope);
    return add(convolve(conv2_, inner, pass), shortcut_ ? convolve(shortcut_, active, pass) : x, pass, kLinear);
  }

 private:
  BatchNorm2d bn1_;
  Conv2d conv1_;
  BatchNorm2d bn2_;
  Conv2d conv2_;
  Conv2d shortcut_{nullptr};
};

/// Blocks of one width; named `layer` inside, hence the names block1.layer.0.…
class Group : public torch::nn::Module {
 public:
  Group(int64_t depth, int64_t in, int64_t out, int64_t stride) : layer_(register_module("layer", Sequential())) {
    for (int64_t i = 0; i < depth; ++i) {
      blocks_.push_back(std::make_shared<WideBlock>(i == 0 ? in : out, out, i == 0 ? stride : 1));
      layer_->push_back(blocks_.back());
    }
  }

  Tensor forward(Tensor x, const Pass& pass) {
    for (auto& block : blocks_) x = block->forward(x, pass);
    return x;
  }

 private:
  Sequential layer_;
  std::vector<std::shared_ptr<WideBlock>> blocks_;
};

class WideResNet : public Backbone {
 public:
  WideResNet(int64_t depth, int64_t factor) : width_(64 * factor), conv1_(register_module("conv1", convolution(3, 16, 3, 1))) {
    const int64_t blocks = (depth - 4) / 6;
    const int64_t channels[] = {16, 16 * factor, 32 * factor, 64 * factor};
    for (int64_t i = 0; i < 3; ++i) {
      auto group = std::make_shared<Group>(blocks, channels[i], channels[i + 1], i == 0 ? 1 : 2);
      groups_.push_back(register_module("block" + std::to_string(i + 1), std::move(group)));
    }
    bn1_ = register_module("bn1", normalization(width_));
    initialize_convolutions(*this);
  }

  Tensor forward(const Tensor& images, const Pass& pass) override {
    auto x = convolve(conv1_, images, pass);
    for (auto& group : groups_) x = group->forward(x, pass);
    return normalize(bn1_, x, pass, kSlope);
  }

  int64_t width() const override { return width_; }

 private:
  int64_t width_;
  Conv2d conv1_;
  std::vector<std::shared_ptr<Group>> groups_;
  BatchNorm2d bn1_{nullptr};
};

BackboneEntry entry(std::string summary, int64_t factor) {
  return {.summary = std::move(summary),
          .has_stems = false,
          .make = [factor](const std::string&) { return std::make_shared<WideResNet>(28, factor); },
          .keeps_size = true};
}

const Registration kWide2{backbones(), "wideresnet28_2", entry("WideResNet-28-2, 1.5 million weights, width 128", 2)};
const Registration kWide8{backbones(), "wideresnet28_8", entry("WideResNet-28-8, 23.4 million weights, width 512", 8)};

}  // namespace
}  // namespace leaf
