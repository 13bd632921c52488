#include "leaf/pictures/tiff_tags.h"

#include "leaf/pictures/byte_reader.h"

namespace leaf {
namespace {

constexpr uint16_t kShort = 3;

int size_of_type(uint16_t type) {
  switch (type) {
    case 1:
      return 1;  // BYTE
    case kShort:
      return 2;
    case 4:
      return 4;  // LONG
    default:
      return 0;
  }
}

}  // namespace

TiffTags::TiffTags(std::span<const uint8_t> bytes, std::string_view format) : bytes_(bytes), format_(format) {
  const ByteReader mark(bytes, format);
  if (!mark.has(0, std::string_view("II*\0", 4)) && !mark.has(0, std::string_view("MM\0*", 4)))
    fail("not a {}: the byte order mark is missing", format);
  little_ = bytes[0] == 'I';
  const ByteReader reader(bytes, format, little_);
  const uint64_t directory = reader.number(4, 4);
  const uint32_t count = reader.number(directory, 2);
  for (uint64_t at = directory + 2; at < directory + 2 + 12 * count; at += 12) {
    Entry entry = {static_cast<uint16_t>(reader.number(at, 2)), static_cast<uint16_t>(reader.number(at + 2, 2)),
                   reader.number(at + 4, 4), at + 8};
    const auto size = static_cast<uint64_t>(size_of_type(entry.type)) * entry.count;
    if (size > 4) entry.place = reader.number(at + 8, 4);
    entries_.push_back(entry);
  }
}

std::vector<uint32_t> TiffTags::values(uint16_t tag) const {
  const ByteReader reader(bytes_, format_, little_);
  for (const auto& entry : entries_) {
    if (entry.tag != tag) continue;
    const int size = size_of_type(entry.type);
    if (size == 0) continue;
    reader.bytes(entry.place, uint64_t{entry.count} * static_cast<uint64_t>(size));  // checked before memory is taken
    std::vector<uint32_t> values(entry.count);
    for (uint32_t i = 0; i < entry.count; ++i)
      values[i] = reader.number(entry.place + uint64_t{i} * static_cast<uint64_t>(size), size);
    return values;
  }
  return {};
}

uint32_t TiffTags::value(uint16_t tag, uint32_t missing) const {
  const auto all = values(tag);
  return all.empty() ? missing : all.front();
}

void TiffTags::check_unambiguous(std::span<const uint16_t> tags) const {
  for (const uint16_t tag : tags) {
    int found = 0;
    for (const auto& entry : entries_) {
      if (entry.tag != tag) continue;
      if (++found > 1) fail("damaged {}: tag {} is listed twice", format_, tag);
      if (size_of_type(entry.type) == 0) fail("damaged {}: tag {} has the type {}", format_, tag, entry.type);
    }
  }
}

std::vector<uint8_t> TiffTags::replaced(std::span<const uint8_t> bytes, uint16_t tag, uint16_t value) {
  std::vector<uint8_t> result(bytes.begin(), bytes.end());
  const TiffTags tags(bytes, "TIFF");
  for (const auto& entry : tags.entries_) {
    if (entry.tag != tag || entry.type != kShort) continue;
    const ByteReader reader(bytes, "TIFF");
    reader.bytes(entry.place, 2);
    result[entry.place] = static_cast<uint8_t>(tags.little_ ? value : value >> 8);
    result[entry.place + 1] = static_cast<uint8_t>(tags.little_ ? value >> 8 : value);
  }
  return result;
}

int exif_orientation(std::span<const uint8_t> exif) {
  try {
    const uint32_t orientation = TiffTags(exif, "EXIF").value(tiff::kOrientation, 1);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  } catch (const Error&) {
    return 1;  // see the header
  }
}

}  // namespace leaf
