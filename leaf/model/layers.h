#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include "leaf/model/pass.h"

namespace leaf {

// What encoders are made of. Each layer has two paths: LEAF's kernels on the processor (`pass.fused`) and libtorch.

/// Throws UsageError where x has 8 bits: without a normalization behind a convolution the range of its result is not known.
void refuse_8_bits(const torch::Tensor& x);

/// rectifier(convolution(x) + added) of x [n, in, H, W] without a normalization, padded as the convolution says: `slope` of the
/// leaky rectifier below 0 is 1 for none and 0 for ReLU, `added` has the result's shape or is undefined. x must not have 8 bits.
torch::Tensor convolve(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass, double slope = 1,
                       const torch::Tensor& added = {});

/// The convolution of each channel for itself (`groups` is the number of channels), by libtorch; else as convolve().
torch::Tensor convolve_channels(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass);

/// rectifier(normalized(x) + added): batch normalization, then the addition of `added` (or undefined), then a leaky rectifier
/// with this slope below 0: 0 is ReLU, 1 none. In training mode by the statistics of the pass's batches, else by the running
/// ones.
torch::Tensor normalize(torch::nn::BatchNorm2d& normalization, const torch::Tensor& x, const Pass& pass, double slope,
                        const torch::Tensor& added = {});

/// normalize(convolve(x)), which a pass that only predicts does in one call; the memory of `added` is then the result's.
torch::Tensor convolve_and_normalize(torch::nn::Conv2d& convolution, torch::nn::BatchNorm2d& normalization,
                                     const torch::Tensor& x, const Pass& pass, double slope, const torch::Tensor& added = {});

/// The largest of 3×3 pixels, every second one in both directions; padded by 1 as the stem of ResNets has it, or by 0.
torch::Tensor pool_largest(const torch::Tensor& x, const Pass& pass, int64_t padding = 1);

}  // namespace leaf
