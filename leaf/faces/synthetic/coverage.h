#pragma once

#include "leaf/faces/synthetic/raster.h"

namespace leaf::synthetic {

/// The exact area of each pixel of a `size` × `size` picture that a closed path covers, by accumulating signed areas of its
/// edges (R. Levien's font-rs); the rectangle of the mask is the path's, cut at the picture.
Mask coverage(const Path& path, int64_t size);

}  // namespace leaf::synthetic
