#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace leaf {

enum class PictureFormat { jpeg, png, bmp, tiff, webp, pnm };

/// What the head of a picture file says, read without decoding it.
struct PictureHeader {
  PictureFormat format = PictureFormat::jpeg;
  int64_t height = 0, width = 0;  ///< as stored, before the orientation is applied
  int orientation = 1;            ///< EXIF's 1…8; 1 = upright
  bool ended = true;              ///< with its end marker, of a JPEG
  bool alpha = false;             ///< a PNG or WebP that may be transparent
  int64_t scans = 1;              ///< of a JPEG
  int64_t held = 0;               ///< what the decoder holds beside file and pixels, bytes; libjpeg counts its own
};

/// Finds format and size, and that the file is there to its end (a PNG's checksums and last chunk, a TIFF's strips, …): decoders
/// fill what is missing with gray and only print a warning. A JPEG may lack its end marker, if no pixel is missing. Throws Error:
/// no picture of these formats, truncated, damaged, or of a kind that is not read (what and what to do).
PictureHeader read_picture_header(std::span<const uint8_t> bytes);

/// A PNG or TIFF in which nothing is left but what its pixels need: a PNG's color profiles and texts make libpng print
/// warnings, a TIFF's orientation and transparency make OpenCV turn some pictures and darken others.
std::vector<uint8_t> pixels_only(std::span<const uint8_t> bytes, PictureFormat format);

}  // namespace leaf
