#pragma once

#include <torch/types.h>

namespace leaf {

/// The largest of the 3×3 pixels around every second one in both directions, with a gradient: of equal ones the first is meant. x
/// [n, C, H, W] in channels-last order, float32 or bfloat16; returns [n, C, ⌈H/2⌉, ⌈W/2⌉].
torch::Tensor pool_largest(const torch::Tensor& x);

}  // namespace leaf
