#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include "leaf/model/pass.h"

namespace leaf {

// What encoders are made of. Each layer has two paths: LEAF's kernels on the processor (`pass.fused`) and libtorch.

/// The convolution of x [n, in, H, W], padded by half of its kernel. Throws UsageError where x has 8 bits: the range of the
/// result is not known.
torch::Tensor convolve(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass);

/// rectifier(normalized(x) + added): batch normalization, then the addition of `added` (or undefined), then a leaky rectifier
/// with this slope below 0: 0 is ReLU, 1 none. In training mode by the statistics of the pass's batches, else by the running
/// ones.
torch::Tensor normalize(torch::nn::BatchNorm2d& normalization, const torch::Tensor& x, const Pass& pass, double slope,
                        const torch::Tensor& added = {});

/// normalize(convolve(x)), which a pass that only predicts does in one call; the memory of `added` is then the result's.
torch::Tensor convolve_and_normalize(torch::nn::Conv2d& convolution, torch::nn::BatchNorm2d& normalization,
                                     const torch::Tensor& x, const Pass& pass, double slope, const torch::Tensor& added = {});

/// The largest of 3×3 pixels, every second one in both directions, as the stem of ResNets has it.
torch::Tensor pool_largest(const torch::Tensor& x, const Pass& pass);

}  // namespace leaf
