#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "leaf/base/error.h"

namespace leaf {

/// Numbers out of bytes that may end too early: every read outside throws Error "truncated …".
class ByteReader {
 public:
  ByteReader(std::span<const uint8_t> bytes, std::string_view format, bool little = true)
      : bytes_(bytes), format_(format), little_(little) {}

  uint64_t size() const { return bytes_.size(); }

  /// `count` bytes from `at` on.
  std::span<const uint8_t> bytes(uint64_t at, uint64_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at)
      fail("truncated {}: {} bytes, more were announced", format_, bytes_.size());
    return bytes_.subspan(at, count);
  }
  /// An unsigned integer of 1…4 bytes.
  uint32_t number(uint64_t at, int count) const {
    const auto part = bytes(at, static_cast<uint64_t>(count));
    uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | part[little_ ? count - 1 - i : i];
    return value;
  }
  bool has(uint64_t at, std::string_view text) const {
    return at <= bytes_.size() && text.size() <= bytes_.size() - at &&
           std::string_view(reinterpret_cast<const char*>(bytes_.data()) + at, text.size()) == text;
  }

 private:
  std::span<const uint8_t> bytes_;
  std::string_view format_;
  bool little_;
};

}  // namespace leaf
