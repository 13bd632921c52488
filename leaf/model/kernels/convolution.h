#pragma once

#include <torch/types.h>

namespace leaf {

/// rectifier(convolution + bias + added) of images in channels-last order on the processor, by LEAF's own loops where they serve,
/// else through oneDNN, with gradients towards images, weights, bias and `added`. It computes in the type of the images (float32
/// or bfloat16, summed in float32); weights, bias and their gradients are float32.
///
/// `images` [n, in, H, W]; `weight` [out, in, k, k] with strides of any dense order; `bias` [out] or undefined; `slope` of the
/// rectifier below 0: 0 is ReLU, 1 none; `added` of the result's shape and type, or undefined. Returns [n, out, h, w], h = (H + 2
/// · padding − k) / stride + 1. The gradient has no gradient of its own.
torch::Tensor convolve(const torch::Tensor& images, const torch::Tensor& weight, const torch::Tensor& bias, int64_t stride,
                       int64_t padding, double slope = 1, const torch::Tensor& added = {});

}  // namespace leaf
