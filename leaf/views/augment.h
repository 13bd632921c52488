#pragma once

#include <cstdint>

#include "leaf/pictures/image.h"

namespace leaf {

// The operations of RandAugment and cutout that change values, each equal to Pillow 9.4 byte for byte, its rounding included.
// Those that move pixels are in geometry.h. A face may be empty; it stays so.

constexpr Color kCutoutFill = {125, 123, 114};

/// Between black (factor 0) and the face (1); ImageEnhance.Brightness. Any factor; results are clipped.
Image brightness(Image face, double factor);
/// Between its gray form (0) and the face (1); ImageEnhance.Color.
Image colorfulness(Image face, double factor);
/// Between its mean gray (0) and the face (1); ImageEnhance.Contrast.
Image contrast(Image face, double factor);
/// Between its smoothed form (0) and the face (1); ImageEnhance.Sharpness. The border is not smoothed.
Image sharpness(Image face, double factor);
/// Keeps the upper bits, the integer part of `bits`, 1…8; ImageOps.posterize.
Image posterize(Image face, double bits);
/// Inverts the values at or above the threshold, 0…256; ImageOps.solarize.
Image solarize(Image face, double threshold);
/// Stretches each channel to 0…255; ImageOps.autocontrast.
Image auto_contrast(Image face);
/// Makes each channel's values equally frequent; ImageOps.equalize.
Image equalize(Image face);

/// Fills a square of side fraction · width around (center_x, center_y), in pixels, clipped at the face's borders; its right and
/// lower edges are inside, as ImageDraw.rectangle has it. A fraction of 0 or less changes nothing.
Image cutout(Image face, double fraction, double center_x, double center_y);

}  // namespace leaf
