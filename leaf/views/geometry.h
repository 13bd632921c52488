#pragma once

#include <cstdint>

#include "leaf/pictures/image.h"

namespace leaf {

// The operations that move pixels: Pillow 9.4's nearest-neighbor `transform` and `rotate` with black fill, byte for byte, as
// long as no source coordinate reaches 32768 (always so for pictures up to 16384 pixels and the ranges of RandAugment).

/// Row y moves left by slope · y.
Image shear_x(const Image& face, double slope);
/// Column x moves up by slope · x.
Image shear_y(const Image& face, double slope);
/// Moves left by fraction · width.
Image translate_x(const Image& face, double fraction);
/// Moves up by fraction · height.
Image translate_y(const Image& face, double fraction);
/// Turns counterclockwise around the center.
Image rotate(const Image& face, double degrees);

/// Left becomes right.
Image flip(const Image& face);
/// Pads with `padding` black pixels on each side, then cuts [height, width] at (top, left) of the padded picture; what lies
/// outside of it is black too.
Image pad_and_crop(const Image& face, int64_t padding, int64_t top, int64_t left, int64_t height, int64_t width);

}  // namespace leaf
