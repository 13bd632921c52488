#pragma once

#include <torch/types.h>

namespace leaf {

/// The largest of the 3×3 pixels around every second one in both directions; x [n, C, H, W] in channels-last order, float32 or
/// bfloat16, both with a gradient (of equal pixels the first is meant), or quantized; returns [n, C, ⌈H/2⌉, ⌈W/2⌉].
torch::Tensor pool_largest(const torch::Tensor& x);

}  // namespace leaf
