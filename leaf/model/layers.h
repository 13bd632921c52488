#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <array>

#include "leaf/model/pass.h"

namespace leaf {

// What encoders are made of. The heavy layers have two paths: LEAF's kernels (`pass.fused`) and libtorch's layers. Each
// tells what it did where somebody records (`pass.records`), so an encoder that is made of these alone can be exported.

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

/// The means of 2×2 pixels, [n, C, ⌊H / 2⌋, ⌊W / 2⌋].
torch::Tensor pool_means(const torch::Tensor& x, const Pass& pass);

/// x with so many zeros before its channels, rows and columns, then behind them; a copy.
torch::Tensor pad(const torch::Tensor& x, const Pass& pass, const std::array<int64_t, 6>& zeros);

/// x · factor + summand, each number for its channel, [C] float32; in the precision of x.
torch::Tensor scale_channels(const torch::Tensor& x, const Pass& pass, const torch::Tensor& factor, const torch::Tensor& summand);

/// rectifier(x), a copy.
torch::Tensor rectify(const torch::Tensor& x, const Pass& pass, double slope);

/// rectifier(x + added) in the memory of x.
torch::Tensor add(torch::Tensor x, const torch::Tensor& added, const Pass& pass, double slope);

}  // namespace leaf
