#pragma once

#include <torch/types.h>

#include <utility>
#include <vector>

namespace leaf {

/// What follows a convolution, in one pass over memory each way: batch normalization (Ioffe and Szegedy, ICML 2015), the addition
/// of a shortcut and a leaky rectifier. `slope` is that of the rectifier below 0: 0 is ReLU, 1 no rectifier.
struct Normalization {
  torch::Tensor weight, bias;                    ///< [C] float32
  torch::Tensor running_mean, running_variance;  ///< [C] float32
  double epsilon = 1e-5;
  double momentum = 0.1;  ///< weight of a batch in the running statistics
  double slope = 0;
};

/// y = rectifier(normalized(x) + added), with the statistics of the batch. `x` and `added` (or undefined) [n, C, h, w] in
/// channels-last order, float32 or bfloat16; sums are float32 and double. `batches` says how many images each batch has (their
/// sum is n): every one is normalized by its own mean and variance. The running statistics follow the first `followed` of them in
/// order.
torch::Tensor normalize_batches(const torch::Tensor& x, const torch::Tensor& added, const Normalization& how,
                                const std::vector<int64_t>& batches, size_t followed);

/// The same with the running statistics, without gradient.
torch::Tensor normalize_running(const torch::Tensor& x, const torch::Tensor& added, const Normalization& how);

/// The gradient behind a leaky rectifier with the result y: gradient · (y > 0 ? 1 : slope), and its sum over each channel, [C]
/// float32. Both tensors [n, C, h, w] in channels-last order, of one type; with a slope of 1 y is not read.
std::pair<torch::Tensor, torch::Tensor> behind_rectifier(const torch::Tensor& gradient, const torch::Tensor& y, double slope);

}  // namespace leaf
