#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leaf/pictures/image.h"
#include "leaf/pictures/picture_header.h"

namespace leaf {

/// What the codec needs of OpenCV's imgcodecs and libjpeg: a library of its own, libleaf_codec.so, which is loaded with the first
/// picture. It brings 120 other libraries (GDAL's among them), and they would cost every start of a command 50 ms.
struct PictureLibrary {
  /// The pixels of a file with this header as they lie, before its orientation is applied. Throws Error: damaged, or of another
  /// size.
  Image (*decode)(std::span<const uint8_t> bytes, const PictureHeader& header);
  /// Throws Error.
  std::vector<uint8_t> (*encode_png)(const Image& image);
};

}  // namespace leaf

/// The name under which the library has them.
extern "C" const leaf::PictureLibrary leaf_picture_library;
