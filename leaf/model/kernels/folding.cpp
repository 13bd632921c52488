#include "leaf/model/kernels/folding.h"

namespace leaf {

Scaling scaling_of(const torch::nn::BatchNorm2dImpl& normalization) {
  const torch::NoGradGuard no_gradient;
  const auto factor = normalization.weight / (normalization.running_var + normalization.options.eps()).sqrt();
  return {factor, normalization.bias - normalization.running_mean * factor};
}

Folding fold(const torch::nn::Conv2dImpl& convolution, const torch::nn::BatchNorm2dImpl& normalization) {
  const torch::NoGradGuard no_gradient;
  const auto [factor, summand] = scaling_of(normalization);
  const auto weight = (convolution.weight * factor.reshape({-1, 1, 1, 1})).contiguous();
  return {weight, convolution.bias.defined() ? summand + convolution.bias * factor : summand};
}

}  // namespace leaf
