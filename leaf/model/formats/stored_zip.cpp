#include "leaf/model/formats/stored_zip.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"

// Layout: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (ends), 4.5.3 (ZIP64).

namespace leaf {
namespace {

constexpr uint64_t kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20, kDirectorySize = 46, kLocalSize = 30;
constexpr uint32_t kIn64 = 0xffffffff;  ///< the number is in the ZIP64 record

template <typename Number>
Number number_at(std::span<const uint8_t> bytes, uint64_t position) {
  if (position > bytes.size() || bytes.size() - position < sizeof(Number))
    fail("its zip directory is damaged: it points outside of the file");
  Number number;
  std::memcpy(&number, bytes.data() + position, sizeof(number));
  return number;
}

std::span<const uint8_t> part(std::span<const uint8_t> bytes, uint64_t begin, uint64_t size) {
  if (begin > bytes.size() || size > bytes.size() - begin) fail("its zip directory is damaged: it points outside of the file");
  return bytes.subspan(begin, size);
}

/// Where the directory lies, and of how many entries it is.
struct Directory {
  uint64_t begin = 0, size = 0, count = 0;
};

Directory find_directory(std::span<const uint8_t> bytes) {
  constexpr uint64_t kLongestComment = 65535;
  if (bytes.size() < kEndSize) fail("it is truncated: a zip file without its end");
  const uint64_t lowest = bytes.size() - std::min<uint64_t>(bytes.size(), kEndSize + kLongestComment);
  uint64_t end = bytes.size() - kEndSize;
  const auto is_end = [&](uint64_t at) {
    return number_at<uint32_t>(bytes, at) == 0x06054b50 && at + kEndSize + number_at<uint16_t>(bytes, at + 20) == bytes.size();
  };
  while (!is_end(end)) {
    if (end-- == lowest) fail("it is truncated: a zip file without its end");
  }
  Directory directory{number_at<uint32_t>(bytes, end + 16), number_at<uint32_t>(bytes, end + 12),
                      number_at<uint16_t>(bytes, end + 10)};
  const bool has64 = end >= kLocatorSize && number_at<uint32_t>(bytes, end - kLocatorSize) == 0x07064b50;
  uint64_t limit = end;
  if (has64) {
    const auto end64 = number_at<uint64_t>(bytes, end - kLocatorSize + 8);
    if (end64 > end || number_at<uint32_t>(bytes, end64) != 0x06064b50 || end64 + kEnd64Size > end)
      fail("its zip directory is damaged: the ZIP64 record");
    directory = {number_at<uint64_t>(bytes, end64 + 48), number_at<uint64_t>(bytes, end64 + 40),
                 number_at<uint64_t>(bytes, end64 + 32)};
    limit = end64;
  }
  if (directory.size > limit || directory.begin != limit - directory.size)
    fail("its zip directory is damaged: it does not end where the end begins");
  return directory;
}

/// Takes the numbers of the ZIP64 field for those that do not fit into 32 bits, in the order size, packed size, position.
void read_zip64(std::span<const uint8_t> extra, std::array<uint64_t*, 3> numbers) {
  for (uint64_t at = 0; at + 4 <= extra.size();) {
    const auto id = number_at<uint16_t>(extra, at), size = number_at<uint16_t>(extra, at + 2);
    const auto field = part(extra, at + 4, size);
    uint64_t inside = 0;
    for (auto* number : numbers) {
      if (id != 1 || *number != kIn64) continue;
      *number = number_at<uint64_t>(field, inside);
      inside += sizeof(uint64_t);
    }
    at += 4 + uint64_t{size};
  }
}

/// Where an entry's bytes begin, from its local header, which must agree with the directory.
uint64_t local_begin(std::span<const uint8_t> bytes, uint64_t position, std::string_view name, uint16_t method) {
  const auto header = part(bytes, position, kLocalSize);
  const uint64_t name_size = number_at<uint16_t>(header, 26), extra_size = number_at<uint16_t>(header, 28);
  const auto found = part(part(bytes, position, bytes.size() - position), kLocalSize, name_size);
  const bool same = number_at<uint32_t>(header, 0) == 0x04034b50 && number_at<uint16_t>(header, 8) == method &&
                    std::string_view(reinterpret_cast<const char*>(found.data()), found.size()) == name;
  if (!same) fail("its zip entry {} is damaged: header and directory disagree", printable(name.substr(0, 100)));
  return position + kLocalSize + name_size + extra_size;
}

void check_overlap(const std::map<std::string, StoredZip::Entry, std::less<>>& entries, uint64_t limit) {
  std::vector<std::pair<uint64_t, uint64_t>> places;
  for (const auto& [name, entry] : entries) places.emplace_back(entry.begin, entry.size);
  std::sort(places.begin(), places.end());
  uint64_t position = 0;
  for (const auto& [begin, size] : places) {
    if (begin < position) fail("its zip entries overlap");
    if (begin > limit || size > limit - begin) fail("its zip directory is damaged: an entry reaches into it");
    position = begin + size;
  }
}

}  // namespace

StoredZip::StoredZip(std::span<const uint8_t> bytes) : bytes_(bytes) {
  const auto place = find_directory(bytes);
  const auto directory = part(bytes, place.begin, place.size);
  uint64_t at = 0, count = 0;
  for (; at < directory.size(); ++count) {
    const auto header = part(directory, at, kDirectorySize);
    if (number_at<uint32_t>(header, 0) != 0x02014b50) fail("its zip directory is damaged: entry {}", count);
    const uint64_t name_size = number_at<uint16_t>(header, 28), extra_size = number_at<uint16_t>(header, 30);
    const auto name_bytes = part(directory, at + kDirectorySize, name_size);
    const std::string name(name_bytes.begin(), name_bytes.end());
    Entry entry{.begin = 0, .size = number_at<uint32_t>(header, 24), .checksum = number_at<uint32_t>(header, 16), .plain = false};
    uint64_t packed = number_at<uint32_t>(header, 20), position = number_at<uint32_t>(header, 42);
    read_zip64(part(directory, at + kDirectorySize + name_size, extra_size), {&entry.size, &packed, &position});
    const auto method = number_at<uint16_t>(header, 10);
    entry.plain = method == 0 && packed == entry.size && (number_at<uint16_t>(header, 8) & 1) == 0;
    entry.size = packed;
    entry.begin = local_begin(bytes, position, name, method);
    if (!entries_.emplace(name, entry).second) fail("its zip entry {} is listed twice", printable(name.substr(0, 100)));
    at += kDirectorySize + name_size + extra_size + number_at<uint16_t>(header, 32);
  }
  if (at != directory.size() || count != place.count)
    fail("its zip directory is damaged: {} entries instead of {}", count, place.count);
  check_overlap(entries_, place.begin);
}

std::span<const uint8_t> StoredZip::read(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail("its zip entry {} is missing", printable(name.substr(0, 100)));
  if (!found->second.plain)
    fail("its zip entry {} is compressed or encrypted, which torch.save never does", printable(name.substr(0, 100)));
  const auto content = part(bytes_, found->second.begin, found->second.size);
  if (crc32(content) != found->second.checksum)
    fail("its zip entry {} is damaged: its checksum does not fit", printable(name.substr(0, 100)));
  return content;
}

}  // namespace leaf
