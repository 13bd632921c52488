#pragma once

#include <cstdint>
#include <span>

#include "leaf/pictures/image.h"

namespace leaf {

/// The pixels of a JPEG of this size as they lie, before its orientation is applied, as OpenCV would decode them. OpenCV does not
/// tell that pixels are missing; libjpeg does, so it is asked itself. `memory` is what it may hold beside the pixels, bytes.
/// Throws Error: another size, damaged, pixels missing, too much memory.
Image decode_jpeg(std::span<const uint8_t> bytes, int64_t height, int64_t width, int64_t memory);

}  // namespace leaf
