#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "leaf/base/error.h"

namespace leaf {

/// Opcodes by the names of Python's pickletools.
enum Opcode : uint8_t {
  MARK = '(',
  STOP = '.',
  BININT = 'J',
  BININT1 = 'K',
  BININT2 = 'M',
  NONE = 'N',
  BINPERSID = 'Q',
  REDUCE = 'R',
  SHORT_BINSTRING = 'U',
  BINUNICODE = 'X',
  APPEND = 'a',
  BUILD = 'b',
  GLOBAL = 'c',
  APPENDS = 'e',
  BINGET = 'h',
  LONG_BINGET = 'j',
  BINFLOAT = 'G',
  EMPTY_LIST = ']',
  BINPUT = 'q',
  LONG_BINPUT = 'r',
  SETITEM = 's',
  TUPLE = 't',
  EMPTY_TUPLE = ')',
  SETITEMS = 'u',
  EMPTY_DICT = '}',
  PROTO = 0x80,
  NEWOBJ = 0x81,
  TUPLE1 = 0x85,
  TUPLE2 = 0x86,
  TUPLE3 = 0x87,
  NEWTRUE = 0x88,
  NEWFALSE = 0x89,
  LONG1 = 0x8a
};

/// A little-endian number in two's complement of at most 8 bytes; none are 0.
inline int64_t signed_number(std::string_view bytes) {
  uint64_t number = !bytes.empty() && static_cast<uint8_t>(bytes.back()) >= 0x80 ? ~uint64_t{0} : 0;
  for (size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return static_cast<int64_t>(number);
}

/// The bytes of a pickle, taken one after the other. Throws Error where they end too early.
class PickleBytes {
 public:
  explicit PickleBytes(std::string_view bytes) : bytes_(bytes) {}

  size_t size() const { return bytes_.size(); }
  size_t position() const { return position_; }

  std::string_view take(size_t count) {
    if (count > bytes_.size() - position_)
      fail("its pickle is truncated: {} bytes wanted, {} left", count, bytes_.size() - position_);
    position_ += count;
    return bytes_.substr(position_ - count, count);
  }
  uint8_t byte() { return static_cast<uint8_t>(take(1)[0]); }
  /// Little-endian, without sign; at most 8 bytes.
  uint64_t number(size_t size) {
    const auto bytes = take(size);
    uint64_t number = 0;
    for (size_t i = size; i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[i]);
    return number;
  }
  /// 8 bytes, the one big-endian number.
  double real() {
    uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<uint8_t>(c);
    return std::bit_cast<double>(bits);
  }
  /// Up to a line break, without it.
  std::string_view line() {
    const auto end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) fail("its pickle is truncated in a name");
    const auto line = take(end - position_);
    take(1);
    return line;
  }

 private:
  std::string_view bytes_;
  size_t position_ = 0;
};

}  // namespace leaf
