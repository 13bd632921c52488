#pragma once

#include <torch/types.h>

namespace leaf {

/// The largest of 3×3 pixels around every second one in both directions; x [n, C, H, W] in channels-last order, float32 or
/// bfloat16, both with a gradient (of equal pixels the first is meant), or quantized. `padding`: 1 begins around the first pixel,
/// 0 around the second, so that no window leaves the picture. Returns [n, C, h, w], h = (H + 2 · padding − 3) / 2 + 1.
torch::Tensor pool_largest(const torch::Tensor& x, int64_t padding);

}  // namespace leaf
