#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leaf/model/backbone.h"
#include "leaf/model/layers.h"

// The residual network with which dlib recognizes faces (King, dlib.net, 2017; in the public domain), layer by layer as the npm
// package @vladmandic/face-api computes it, up to the mean over places. Its normalizations are folded into the convolutions
// (leaf/model/face_api.h), so nothing here depends on the batch.

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::Conv2d;

constexpr double kReLU = 0, kLinear = 1;  ///< slopes of the rectifier

Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(stride == 1 ? kernel / 2 : 0));
}

/// Two 3×3 convolutions and what they add to: the input, or where the block halves the map the means of 2×2 pixels, with
/// channels of zeros behind them where it doubles the width.
class DlibBlock : public torch::nn::Module {
 public:
  DlibBlock(int64_t in, int64_t out, bool down)
      : down_(down),
        conv1_(register_module("conv1", convolution(in, out, 3, down ? 2 : 1))),
        conv2_(register_module("conv2", convolution(out, out, 3, 1))) {}

  Tensor forward(const Tensor& x, const Pass& pass) {
    const auto inner = convolve(conv1_, x, pass, kReLU);
    if (!down_) return convolve(conv2_, inner, pass, kReLU, x);
    const auto outer = convolve(conv2_, inner, pass, kLinear);
    const auto means = pool_means(x, pass);
    const int64_t channels = outer.size(1) - x.size(1), rows = means.size(2) - outer.size(2),
                  columns = means.size(3) - outer.size(3);  // the convolution without padding may give one less
    const auto shortcut = channels > 0 ? pad(means, pass, {0, 0, 0, channels, 0, 0}) : means;
    return add(rows > 0 || columns > 0 ? pad(outer, pass, {0, 0, 0, 0, rows, columns}) : outer, shortcut, pass, kReLU);
  }

  /// Before training from random weights the block is its shortcut, since there is no normalization that would tame a sum of many
  /// (Zhang et al., Fixup, ICLR 2019).
  void begin_as_shortcut() {
    const torch::NoGradGuard no_gradient;
    conv1_->bias.zero_();
    conv2_->weight.zero_();
    conv2_->bias.zero_();
  }

 private:
  bool down_;
  Conv2d conv1_, conv2_;
};

class DlibResNet : public Backbone {
 public:
  /// `width`: 128 or 256, the channels of the last stage.
  explicit DlibResNet(int64_t width) : width_(width), first_(register_module("conv32_down", convolution(3, 32, 7, 2))) {
    initialize_convolutions(*this);
    const torch::NoGradGuard no_gradient;
    first_->bias.zero_();
    for (int i = 1; i <= 3; ++i) add(fmt::format("conv32_{}", i), 32, 32, false);
    add("conv64_down", 32, 64, true);
    for (int i = 1; i <= 3; ++i) add(fmt::format("conv64_{}", i), 64, 64, false);
    for (int64_t channels = 128; channels <= width; channels *= 2) {
      add(fmt::format("conv{}_down", channels), channels / 2, channels, true);
      for (int i = 1; i <= 2; ++i) add(fmt::format("conv{}_{}", channels, i), channels, channels, false);
    }
    if (width == 256) add("conv256_down_out", 256, 256, true);
  }

  Tensor forward(const Tensor& images, const Pass& pass) override {
    auto x = pool_largest(convolve(first_, images, pass, kReLU), pass, /*padding=*/0);
    for (auto& block : blocks_) x = block->forward(x, pass);
    return x;
  }

  int64_t width() const override { return width_; }

 private:
  void add(const std::string& name, int64_t in, int64_t out, bool down) {
    blocks_.push_back(register_module(name, std::make_shared<DlibBlock>(in, out, down)));
    initialize_convolutions(*blocks_.back());
    blocks_.back()->begin_as_shortcut();
  }

  int64_t width_;
  Conv2d first_;
  std::vector<std::shared_ptr<DlibBlock>> blocks_;
};

/// `smallest`: the view whose maps still hold a 3×3 kernel before each halving.
BackboneEntry entry(std::string summary, int64_t width, int64_t smallest) {
  return {std::move(summary), false, [width](const std::string&) { return std::make_shared<DlibResNet>(width); }, smallest};
}

const Registration kDlibResNet{backbones(), "dlib_resnet",
                               entry("dlib's network for recognizing faces, 5.6 million weights, width 256", 256, 103)};
const Registration kDlibResNet128{
    backbones(), "dlib_resnet_128",
    entry("the same cut behind its 128 channels, 1.1 million weights, width 128: quick on a CPU", 128, 31)};

}  // namespace
}  // namespace leaf
