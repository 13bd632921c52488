#pragma once

#include <torch/types.h>

#include <vector>

#include "leaf/model/kernels/normalization.h"

// What the kernels for the processor do, on a GPU by libtorch's operators: the same arguments, results and gradients, but for the
// order of sums.

namespace leaf::gpu {

/// See kernels/convolution.h; weights are rounded to the type of the images.
torch::Tensor convolve(const torch::Tensor& images, const torch::Tensor& weight, const torch::Tensor& bias, int64_t stride,
                       int64_t padding, double slope, const torch::Tensor& added);

/// See kernels/normalization.h.
torch::Tensor normalize_batches(const torch::Tensor& x, const torch::Tensor& added, const Normalization& how,
                                const std::vector<int64_t>& batches, size_t followed);
torch::Tensor normalize_running(const torch::Tensor& x, const torch::Tensor& added, const Normalization& how);

}  // namespace leaf::gpu
