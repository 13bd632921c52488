#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/pictures/image.h"

namespace leaf {

/// Decodes a JPEG, PNG, BMP, TIFF, WebP, PPM or PGM file in memory to RGB: grey is repeated, 16 bits become 8, what is
/// transparent in a PNG or WebP is seen over a gray of 128; EXIF orientation is applied. Throws Error, without naming a file: not
/// an image, truncated, beyond the limits (PictureLimits), which its header tells.
Image decode_image(std::span<const uint8_t> bytes);
inline Image decode_image(std::string_view content) { return decode_image(bytes_of(content)); }

/// PNG, lossless.
std::vector<uint8_t> encode_png(const Image& image);

/// Reads and decodes; throws Error that names the file.
Image read_image(const std::filesystem::path& path);
/// Writes a PNG whole or not at all; throws Error that names the file.
void write_png(const std::filesystem::path& path, const Image& image);

/// Whether the name ends like a picture that `decode_image` reads (.jpg .jpeg .png .bmp .tif .tiff .webp .ppm .pgm, any case).
bool is_image_name(const std::filesystem::path& path);

}  // namespace leaf
