#pragma once

#include "leaf/model/layers.h"

namespace leaf {

/// TensorFlow's "same" padding for a 3×3 kernel and a stride of 2: where the size is even, zeros at the far side only.
inline torch::Tensor pad_same(const torch::Tensor& x, const Pass& pass) {
  return pad(x, pass, {0, x.size(2) % 2, x.size(3) % 2, 0, 1, 1});
}

/// A 3×3 convolution of each channel for itself and one of 1×1 over the channels, which has the bias; padded as TensorFlow's
/// "same" has it. Parameters: depthwise.weight, pointwise.weight, pointwise.bias.
class SeparableConvolution : public torch::nn::Module {
 public:
  SeparableConvolution(int64_t in, int64_t out, int64_t stride)
      : stride_(stride),
        depthwise_(register_module(
            "depthwise",
            torch::nn::Conv2d(
                torch::nn::Conv2dOptions(in, in, 3).stride(stride).padding(stride == 1 ? 1 : 0).groups(in).bias(false)))),
        pointwise_(register_module("pointwise", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1)))) {}

  /// rectifier(convolved(x) + added), as convolve() has it.
  torch::Tensor forward(const torch::Tensor& x, const Pass& pass, double slope, const torch::Tensor& added = {}) {
    return convolve(pointwise_, convolve_channels(depthwise_, stride_ == 2 ? pad_same(x, pass) : x, pass), pass, slope, added);
  }

 private:
  int64_t stride_;
  torch::nn::Conv2d depthwise_, pointwise_;
};

}  // namespace leaf
