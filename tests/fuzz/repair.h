#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "leaf/base/bytes.h"

namespace leaf::fuzz {

/// Checksums that fit what was changed.

template <typename Number>
Number number_at(const std::string& bytes, size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

template <typename Number>
void put_number(std::string& bytes, size_t at, Number number) {
  std::memcpy(bytes.data() + at, &number, sizeof(number));
}

inline uint32_t crc_of(const std::string& bytes, size_t begin, size_t size) {
  return crc32({reinterpret_cast<const uint8_t*>(bytes.data()) + begin, size});
}

/// Of each chunk of a PNG.
inline void repair_png(std::string& bytes) {
  for (size_t at = 8; at + 12 <= bytes.size();) {
    const uint64_t size = __builtin_bswap32(number_at<uint32_t>(bytes, at));
    if (size > bytes.size() - at - 12) return;
    put_number(bytes, at + 8 + size, __builtin_bswap32(crc_of(bytes, at + 4, 4 + size)));
    at += 12 + size;
  }
}

/// Of each header of a tar archive.
inline void repair_tar(std::string& bytes) {
  constexpr size_t kBlock = 512, kSum = 148;
  for (size_t at = 0; at + kBlock <= bytes.size(); at += kBlock) {
    if (bytes.compare(at + 257, 5, "ustar") != 0) continue;
    bytes.replace(at + kSum, 8, "        ");
    unsigned sum = 0;
    for (size_t i = at; i < at + kBlock; ++i) sum += static_cast<uint8_t>(bytes[i]);
    bytes.replace(at + kSum, 8, fmt::format("{:06o}", sum % 01000000) + std::string("\0 ", 2));
  }
}

/// Of each entry of a zip file that is not compressed, by its directory.
inline void repair_zip(std::string& bytes) {
  for (auto at = bytes.find("PK\1\2"); at != std::string::npos && at + 46 <= bytes.size(); at = bytes.find("PK\1\2", at + 4)) {
    const uint64_t size = number_at<uint32_t>(bytes, at + 20), local = number_at<uint32_t>(bytes, at + 42);
    if (local + 30 > bytes.size() || number_at<uint16_t>(bytes, at + 10) != 0) continue;
    const uint64_t begin = local + 30 + number_at<uint16_t>(bytes, local + 26) + number_at<uint16_t>(bytes, local + 28);
    if (begin > bytes.size() || size > bytes.size() - begin) continue;
    const auto sum = crc_of(bytes, begin, size);
    put_number(bytes, at + 16, sum);
    put_number(bytes, local + 14, sum);
  }
}

}  // namespace leaf::fuzz
