#pragma once

#include <array>

#include "leaf/pictures/image.h"

namespace leaf {

/// ImageNet's mean and deviation of red, green and blue in [0, 1].
inline constexpr std::array<double, 3> kPixelMean = {0.485, 0.456, 0.406}, kPixelDeviation = {0.229, 0.224, 0.225};

/// Writes one view, scaled to [0, 1] and normalized by ImageNet's mean and deviation, in the order of its pixels: it is a slice
/// [3, H, W] of a tensor in channels-last order.
void write_normalized(const Image& view, float* destination);

/// The largest absolute value of a normalized number.
double largest_normalized();

}  // namespace leaf
