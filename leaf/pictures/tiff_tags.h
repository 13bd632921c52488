#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace leaf {

/// The numbers of a TIFF file's first directory, which is also the form of EXIF data.
class TiffTags {
 public:
  /// Throws Error: not a TIFF, truncated. `format` is for messages.
  TiffTags(std::span<const uint8_t> bytes, std::string_view format);

  /// The values of a tag of 1, 2 or 4 byte integers; empty when it is missing or of another type.
  std::vector<uint32_t> values(uint16_t tag) const;
  /// The first value, or `missing`.
  uint32_t value(uint16_t tag, uint32_t missing) const;
  /// Throws Error where one of the tags is listed twice, or is not of 1, 2 or 4 byte integers: another reader may understand it
  /// otherwise.
  void check_unambiguous(std::span<const uint16_t> tags) const;
  /// A copy of the bytes in which the tag, when it is there and a short integer, has this value.
  static std::vector<uint8_t> replaced(std::span<const uint8_t> bytes, uint16_t tag, uint16_t value);

 private:
  struct Entry {
    uint16_t tag, type;
    uint32_t count;
    uint64_t place;  // of the values
  };
  std::span<const uint8_t> bytes_;
  std::string_view format_;
  bool little_ = true;
  std::vector<Entry> entries_;
};

namespace tiff {
constexpr uint16_t kWidth = 256, kHeight = 257, kBits = 258, kPacking = 259, kColors = 262, kStripStarts = 273,
                   kOrientation = 274, kSamples = 277, kStripRows = 278, kStripSizes = 279, kPlanes = 284, kTileWidth = 322,
                   kTileHeight = 323, kTileStarts = 324, kTileSizes = 325, kExtraSamples = 338, kSampleFormat = 339;
}

/// The orientation that EXIF data state, 1…8; 1 where they state none or cannot be read (they are often broken, and the picture
/// is there all the same).
int exif_orientation(std::span<const uint8_t> exif);

}  // namespace leaf
