#include "leaf/data/npy.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers are copied as they are stored");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kLongestHeader = size_t{1} << 16;  // bytes; NumPy itself reads 10,000
constexpr int64_t kWidest = int64_t{1} << 16;       // characters of one text

/// The text behind `'key':` in the header's Python dictionary, up to the comma or bracket that ends it.
std::string header_value(std::string_view header, std::string_view key) {
  const auto found = header.find(fmt::format("'{}':", key));
  if (found == std::string_view::npos) fail("the NumPy header has no '{}'", key);
  std::string_view rest = trim(header.substr(found + key.size() + 3));
  const bool tuple = rest.starts_with('(');
  const auto end = tuple ? rest.find(')') : rest.find_first_of(",}");
  if (end == std::string_view::npos) fail("the NumPy header is cut off");
  return std::string(trim(rest.substr(tuple ? 1 : 0, tuple ? end - 1 : end)));
}

std::vector<int64_t> parse_shape(const std::string& text) {
  std::vector<int64_t> shape;
  const int64_t most = 2 * limits().list.rows;  // a name and a label each
  int64_t count = 1;
  for (const auto& word : split_words(text, ',')) {
    if (trim(word).empty()) continue;
    const auto side = to_integer(trim(word));
    if (!side || *side < 0) fail("the NumPy array's shape ({}) cannot be read", printable(text.substr(0, 100)));
    if (*side > most || (count *= std::max<int64_t>(*side, 1)) > most)
      fail("the NumPy array has more than {} values: no list of labels is so long", most);
    shape.push_back(*side);
  }
  return shape;
}

template <typename T>
T load(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

std::string number_text(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

/// UTF-32 to UTF-8, up to the first NUL.
std::string unicode_text(std::string_view bytes) {
  std::string result;
  for (size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    const uint32_t c = load<uint32_t>(bytes.substr(i));
    if (c == 0) break;
    if (c > 0x10ffff) fail("the NumPy array holds a character that does not exist");
    if (c < 0x80) {
      result += static_cast<char>(c);
    } else if (c < 0x800) {
      result += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))};
    } else if (c < 0x10000) {
      result +=
          {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
    } else {
      result += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3f)),
                 static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
    }
  }
  return result;
}

struct Type {
  char kind = 0;      // i, u, f, b, S or U
  int64_t width = 0;  // bytes, or characters of a Unicode text
  int64_t bytes() const { return kind == 'U' ? width * 4 : width; }
};

Type parse_type(std::string text) {  // '<i8'
  text.erase(std::remove(text.begin(), text.end(), '\''), text.end());
  if (text.find('O') != std::string::npos)
    fail("the NumPy array holds pickled Python objects, which are not run; save it as texts or numbers");
  if (text.size() < 3 || text[0] == '>')
    fail("the NumPy type {} is not read; little-endian numbers and texts are", printable(text));
  const auto width = to_integer(std::string_view(text).substr(2));
  const bool known = std::string_view("iufbSU").find(text[1]) != std::string_view::npos;
  if (!known || !width || *width < 1 || *width > kWidest)
    fail("the NumPy type {} is not read; little-endian numbers and texts are", printable(text));
  return {text[1], *width};
}

std::string value_text(const Type& type, std::string_view bytes) {
  switch (type.kind) {
    case 'U':
      return unicode_text(bytes);
    case 'S':
      return std::string(bytes.substr(0, bytes.find('\0')));
    case 'b':
      return bytes[0] != 0 ? "1" : "0";
    case 'f':
      if (type.width == 4) return number_text(load<float>(bytes));
      if (type.width == 8) return number_text(load<double>(bytes));
      break;
    default: {
      const bool sign = type.kind == 'i';
      if (type.width == 1) return std::to_string(sign ? load<int8_t>(bytes) : load<uint8_t>(bytes));
      if (type.width == 2) return std::to_string(sign ? load<int16_t>(bytes) : load<uint16_t>(bytes));
      if (type.width == 4) return sign ? std::to_string(load<int32_t>(bytes)) : std::to_string(load<uint32_t>(bytes));
      if (type.width == 8) return sign ? std::to_string(load<int64_t>(bytes)) : std::to_string(load<uint64_t>(bytes));
    }
  }
  fail("the NumPy type {}{} is not read", type.kind, type.width);
}

}  // namespace

NpyArray parse_npy(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) fail("this is not a NumPy .npy file");
  const bool wide = bytes[6] != 1;  // versions 2 and 3 have a longer length
  const size_t begin = wide ? 12 : 10, size = wide ? load<uint32_t>(bytes.substr(8)) : load<uint16_t>(bytes.substr(8));
  if (size > kLongestHeader) fail("the NumPy header has {} bytes, more than {}", size, kLongestHeader);
  if (size > bytes.size() - begin) fail("the NumPy file is cut off in its header");
  const auto header = bytes.substr(begin, size);
  const Type type = parse_type(header_value(header, "descr"));
  if (header_value(header, "fortran_order") != "False") fail("the NumPy array is in Fortran order, which is not read");
  NpyArray array{parse_shape(header_value(header, "shape")), {}};
  size_t count = 1;
  for (const int64_t side : array.shape) count *= static_cast<size_t>(side);
  const auto data = bytes.substr(begin + size);
  const auto width = static_cast<size_t>(type.bytes());
  if (data.size() < count * width)
    fail("the NumPy file is cut off: {} bytes of data expected, {} found", count * width, data.size());
  array.values.reserve(count);
  for (size_t i = 0; i < count; ++i) array.values.push_back(value_text(type, data.substr(i * width, width)));
  return array;
}

}  // namespace leaf
