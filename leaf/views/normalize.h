#pragma once

#include "leaf/pictures/image.h"

namespace leaf {

/// Writes one view, scaled to [0, 1] and normalized by ImageNet's mean and deviation, in the order of its pixels: it is a slice
/// [3, H, W] of a tensor in channels-last order.
void write_normalized(const Image& view, float* destination);

/// The largest absolute value of a normalized number.
double largest_normalized();

}  // namespace leaf
