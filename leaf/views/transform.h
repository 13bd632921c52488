#pragma once

#include <functional>

#include "leaf/base/rng.h"
#include "leaf/pictures/image.h"
#include "leaf/views/options.h"

namespace leaf {

/// From a stored face to a view of it; everything random comes from the Rng. Pure and thread-safe.
using Transform = std::function<Image(const Image&, Rng&)>;

/// Resize (shorter side to `size`, a longer side is then cut at the center), random crop after padding, flip.
Transform weak_transform(const ViewOptions& options);
/// RandAugment and cutout on the stored face, then the weak chain; with `strong_crop` below 1 a random crop of a random size in
/// its place. Throws UsageError for `exclude`: see operations_without().
Transform strong_transform(const ViewOptions& options);
/// Resize only.
Transform plain_transform(const ViewOptions& options);

}  // namespace leaf
