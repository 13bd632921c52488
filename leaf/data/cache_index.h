#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/data/dataset.h"

namespace leaf {

/// Where one face lies in a cache file.
struct FacePlace {
  uint64_t offset = 0, checksum = 0;
  uint32_t height = 0, width = 0, channels = 0;
  uint64_t bytes() const { return uint64_t{height} * width * channels; }
};

/// The index of a cache file: everything of a data set but its pixels. The layout is in docs/formats.md.
Bytes write_index(const Dataset& dataset, const std::vector<FacePlace>& places);

/// Reads it back. Throws Error: cut off, bytes left over, a label outside the classes, an impossible count.
Dataset read_index(std::span<const uint8_t> bytes, std::vector<FacePlace>& places);

/// A fast 64-bit checksum (eight bytes at a time, multiplied and rotated): finds damage, no protection against intent.
uint64_t checksum(std::span<const uint8_t> bytes);

}  // namespace leaf
