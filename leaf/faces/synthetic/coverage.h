#pragma once

#include <cstdint>
#include <vector>

#include "leaf/faces/synthetic/shapes.h"

namespace leaf::synthetic {

/// How much of each pixel of a rectangle a shape covers, 0…1: exact area, so that edges are smooth at any size.
struct Mask {
  int64_t left = 0, top = 0, width = 0, height = 0;
  std::vector<float> coverage;  ///< [height, width]
};

/// The part of `mask` that is also in `by`.
Mask clip(Mask mask, const Mask& by);

/// The exact area of each pixel of a `size` × `size` picture that a closed path covers, by accumulating signed areas of its
/// edges (R. Levien's font-rs); the rectangle of the mask is the path's, cut at the picture.
Mask coverage(const Path& path, int64_t size);

}  // namespace leaf::synthetic
