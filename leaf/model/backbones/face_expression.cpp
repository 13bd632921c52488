#include <torch/nn/init.h>

#include <memory>
#include <vector>

#include "leaf/model/backbone.h"
#include "leaf/model/face_api.h"
#include "leaf/model/separable_convolution.h"

// The extractor of the expression network of the npm package @vladmandic/face-api (MIT): four dense blocks of separable
// convolutions. Its landmark network has the same one.

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::Conv2d;

constexpr double kReLU = 0, kLinear = 1;  ///< slopes of the rectifier

/// x₁ = relu(a(x)), x₂ = b(x₁), x₃ = c(relu(x₁ + x₂)), x₄ = d(relu(x₁ + x₂ + x₃)); the result is
/// relu(x₁ + x₂ + x₃ + x₄).
/// The first of all layers, which reads pictures, is a plain convolution.
class DenseBlock : public torch::nn::Module {
 public:
  DenseBlock(int64_t in, int64_t out) {
    if (in == 3) {
      plain_ = register_module("conv0", Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(2)));
    } else {
      first_ = register_module("conv0", std::make_shared<SeparableConvolution>(in, out, 2));
    }
    for (int i = 1; i <= 3; ++i)
      layers_.push_back(register_module(fmt::format("conv{}", i), std::make_shared<SeparableConvolution>(out, out, 1)));
  }

  Tensor forward(const Tensor& x, const Pass& pass) {
    const auto x1 = plain_ ? convolve(plain_, pad_same(x, pass), pass, kReLU) : first_->forward(x, pass, kReLU);
    const auto sum2 = layers_[0]->forward(x1, pass, kLinear, x1);
    const auto sum3 = layers_[1]->forward(rectify(sum2, pass, kReLU), pass, kLinear, sum2);
    return layers_[2]->forward(rectify(sum3, pass, kReLU), pass, kReLU, sum3);
  }

 private:
  Conv2d plain_{nullptr};
  std::shared_ptr<SeparableConvolution> first_;
  std::vector<std::shared_ptr<SeparableConvolution>> layers_;
};

class FaceExpression : public Backbone {
 public:
  FaceExpression() {
    for (int64_t i = 0; i < 4; ++i) {
      const int64_t out = int64_t{32} << i;
      blocks_.push_back(register_module(fmt::format("dense{}", i), std::make_shared<DenseBlock>(i == 0 ? 3 : out / 2, out)));
    }
    const torch::NoGradGuard no_gradient;
    for (auto& item : named_parameters()) {  // by the fan in, which counts the channels that a convolution reads
      item.key().ends_with("bias") ? item.value().zero_()
                                   : torch::nn::init::kaiming_normal_(item.value(), 0, torch::kFanIn, torch::kReLU);
    }
  }

  Tensor forward(const Tensor& images, const Pass& pass) override {
    refuse_8_bits(images);
    // The pictures as the network knows them: the zeros of its padding are its means.
    auto x =
        scale_channels(images, pass, by_channel(FaceApiInput::kFactor).flatten(), by_channel(FaceApiInput::kSummand).flatten());
    for (auto& block : blocks_) x = block->forward(x, pass);
    return x;
  }

  int64_t width() const override { return 256; }

 private:
  std::vector<std::shared_ptr<DenseBlock>> blocks_;
};

const Registration kFaceExpression{
    backbones(), "face_expression",
    BackboneEntry{"separable convolutions of face-api's expression network, 0.3 million weights, width 256", false,
                  [](const std::string&) { return std::make_shared<FaceExpression>(); }}};

}  // namespace
}  // namespace leaf
