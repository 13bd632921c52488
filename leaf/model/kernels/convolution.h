#pragma once

#include <torch/types.h>

namespace leaf {

/// The convolution of images in channels-last order on the processor, through oneDNN, with gradients towards images, weights and
/// bias. It computes in the type of the images (float32 or bfloat16, summed in float32); weights and their gradients are float32.
///
/// `images` [n, in, H, W]; `weight` [out, in, k, k] with strides of any dense order; `bias` [out] or undefined. Returns [n, out,
/// h, w], h = (H + 2 · padding − k) / stride + 1. The gradient has no gradient of its own.
torch::Tensor convolve(const torch::Tensor& images, const torch::Tensor& weight, const torch::Tensor& bias, int64_t stride,
                       int64_t padding);

}  // namespace leaf
