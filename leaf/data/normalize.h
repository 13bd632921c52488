#pragma once

#include "leaf/faces/image.h"

namespace leaf {

/// Writes one view into a [3, H, W] slice, scaled to [0, 1] and normalized by ImageNet's mean and deviation.
void write_normalized(const Image& view, float* destination);

}  // namespace leaf
