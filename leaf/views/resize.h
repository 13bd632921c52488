#pragma once

#include <cstdint>

#include "leaf/pictures/image.h"

namespace leaf {

/// Pillow's `resize((width, height), BILINEAR)`, byte for byte: a triangle filter that widens when the picture shrinks
/// (antialiasing), weights of 22 bits, first along rows, then along columns, rounded to bytes between the two.
/// Height and width ≥ 1; the picture is not empty.
Image resize(const Image& image, int64_t height, int64_t width);

/// torchvision's `Resize(size)`: the shorter side becomes `size`, the longer one ⌊size · long / short⌋.
Image resize_shorter_side(const Image& image, int64_t size);

/// The square of a resized picture that a view shows.
struct Window {
  int64_t height, width;        ///< of the whole resized picture
  int64_t top, left, size;      ///< the square inside it that is kept
  int64_t down = 0, right = 0;  ///< how far it then moves; what moves in is black, what moves out is lost
  bool flip = false;            ///< mirrored in the end, left becomes right
};

/// The window of the picture whose shorter side becomes `size`: its central square (torchvision's `CenterCrop(size)`).
Window central_window(const Image& image, int64_t size);

/// `resize`, cut, shift and flip at once, [size, size]; equal to the four one after the other, but only what is seen is
/// computed. Throws std::logic_error when the square is not inside the resized picture.
Image resize(const Image& image, const Window& window);

}  // namespace leaf
