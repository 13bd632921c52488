#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

namespace leaf {

/// What a normalization in evaluation mode does to each channel, x · factor + summand, both [C].
struct Scaling {
  torch::Tensor factor, summand;
};
Scaling scaling_of(const torch::nn::BatchNorm2dImpl& normalization);

/// A convolution and the normalization behind it as one convolution.
struct Folding {
  torch::Tensor weight, bias;  ///< [out, in, k, k], [out]
};
Folding fold(const torch::nn::Conv2dImpl& convolution, const torch::nn::BatchNorm2dImpl& normalization);

}  // namespace leaf
