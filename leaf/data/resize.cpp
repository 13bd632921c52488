#include "leaf/data/resize.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "leaf/base/vectorize.h"
#include "leaf/data/taps.h"

namespace leaf {
namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

using Pixel [[gnu::vector_size(16)]] = int32_t;  // red, green, blue, nothing
using Quad [[gnu::vector_size(16)]] = uint32_t;
using Block [[gnu::vector_size(16)]] = uint8_t;

/// The pixels of one line as numbers.
LEAF_VECTORIZE void widen(const uint8_t* input, int64_t n, Pixel* output) {
  for (int64_t x = 0; x + 1 < n; ++x, input += 3) {  // the last one has no fourth byte behind it
    uint32_t bytes;
    std::memcpy(&bytes, input, 4);
    output[x] = Pixel((Quad{} + bytes) >> Quad{0, 8, 16, 24}) & 255;
  }
  output[n - 1] = Pixel{input[0], input[1], input[2], 0};
}

/// Calls `action` with the number of taps as a constant where it is a usual one: loops of a known length become straight code.
template <typename Action>
[[gnu::always_inline]] inline void with_count(int64_t count, const Action& action) {
  switch (count) {
    case 2:
      return action(std::integral_constant<int64_t, 2>());
    case 3:
      return action(std::integral_constant<int64_t, 3>());
    case 4:
      return action(std::integral_constant<int64_t, 4>());
    case 5:
      return action(std::integral_constant<int64_t, 5>());
    default:
      return action(count);
  }
}

/// The weighted sum of `count` pixels, a byte in the lower part of each number.
[[gnu::always_inline]] inline Pixel sum_of(const Pixel* input, const Pixel* weights, int64_t count) {
  Pixel sum = input[0] * weights[0] + kHalf;
  for (int64_t k = 1; k < count; ++k) sum += input[k] * weights[k];
  return sum >> kWeightBits;
}

/// Four pixels as twelve bytes and four more that do not matter.
[[gnu::always_inline]] inline void store(Pixel a, Pixel b, Pixel c, Pixel d, uint8_t* output) {
  const auto planes = reinterpret_cast<Block>(a | b << 8 | c << 16 | d << 24);
  const Block pixels = __builtin_shufflevector(planes, planes, 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 12, 12, 12);
  std::memcpy(output, &pixels, sizeof(pixels));
}

/// One line resized along itself: n pixels, a multiple of four, each from `count` of the input's from `first` on. `weights` has
/// `count` for each, the same in every part. Four more bytes are written than the pixels have.
LEAF_VECTORIZE void resize_line(const Pixel* input, const int32_t* first, const Pixel* weights, int64_t taps, int64_t n,
                                uint8_t* output) {
  with_count(
      taps, [=](auto count) __attribute__((always_inline)) {
        const auto* weight = weights;
        auto* target = output;
        for (int64_t x = 0; x < n; x += 4, weight += 4 * count, target += 12) {
          store(sum_of(input + first[x], weight, count), sum_of(input + first[x + 1], weight + count, count),
                sum_of(input + first[x + 2], weight + 2 * count, count), sum_of(input + first[x + 3], weight + 3 * count, count),
                target);
        }
      });
}

/// The weighted sum of lines of n bytes that lie `stride` bytes apart. A sum never leaves a byte's range, because no weight is
/// negative and all together differ from 2²² by less than their number (were there more than 8,000, it might).
LEAF_VECTORIZE void add_lines(const uint8_t* __restrict lines, int64_t stride, const int32_t* __restrict weights, int64_t taps,
                              int64_t n, uint8_t* __restrict output) {
  with_count(
      taps, [=](auto count) __attribute__((always_inline)) {
        for (int64_t i = 0; i < n; ++i) {
          int32_t sum = kHalf;
          for (int64_t k = 0; k < count; ++k) sum += lines[k * stride + i] * weights[k];
          output[i] = static_cast<uint8_t>(sum >> kWeightBits);
        }
      });
}

/// Rows of the input, resized along themselves, `stride` bytes apart: some more than their pixels have.
struct Lines {
  int64_t stride;
  std::vector<uint8_t> bytes;
};

Lines resize_rows(const Image& image, Range rows, const Taps& taps) {
  const int64_t n = (std::ssize(taps.first) + 3) / 4 * 4;
  auto first = taps.first;
  first.resize(n, 0);
  std::vector<Pixel> weights(n * taps.count), line(image.width);
  for (size_t i = 0; i < taps.weights.size(); ++i) weights[i] = Pixel{} + taps.weights[i];
  Lines lines = {n * 3, std::vector<uint8_t>(rows.size * n * 3 + 4)};
  for (int64_t y = 0; y < rows.size; ++y) {
    widen(image.row(rows.begin + y), image.width, line.data());
    resize_line(line.data(), first.data(), weights.data(), taps.count, n, &lines.bytes[y * lines.stride]);
  }
  return lines;
}

/// Resizes to [height, width] what `rows` and `columns` of the result show, into `output` at (top, left).
void resize_part(const Image& image, int64_t height, int64_t width, Range rows, Range columns, bool flip, Image& output,
                 int64_t top, int64_t left) {
  Taps across(image.width, width, columns);
  if (flip) across.mirror();
  const Taps down(image.height, height, rows);
  const int64_t first = down.first.front(), bytes = columns.size * 3;
  const auto lines = resize_rows(image, {first, down.first.back() + down.count - first}, across);
  for (int64_t y = 0; y < rows.size; ++y) {
    const uint8_t* line = &lines.bytes[(down.first[y] - first) * lines.stride];
    const int32_t* weights = &down.weights[y * down.count];
    uint8_t* target = output.row(top + y) + left * 3;
    add_lines(line, lines.stride, weights, down.count, bytes, target);
  }
}

/// The same for a picture that has the size already.
void copy_part(const Image& image, Range rows, Range columns, bool flip, Image& output, int64_t top, int64_t left) {
  for (int64_t y = 0; y < rows.size; ++y) {
    const uint8_t* from = image.row(rows.begin + y) + columns.begin * 3;
    uint8_t* to = output.row(top + y) + left * 3;
    if (!flip) {
      std::memcpy(to, from, columns.size * 3);
      continue;
    }
    for (int64_t x = columns.size - 1; x >= 0; --x, from += 3) std::copy_n(from, 3, to + x * 3);
  }
}

void require(bool condition, const char* text) {
  if (!condition) throw std::logic_error(text);
}

/// torchvision rounds halves to the even neighbor, as Python's round does.
int64_t half_to_even(int64_t n) { return n / 2 + (n % 2 != 0 && n / 2 % 2 != 0 ? 1 : 0); }

}  // namespace

Image resize(const Image& image, int64_t height, int64_t width) {
  require(!image.empty() && height > 0 && width > 0, "resize needs a picture and a size");
  if (image.height == height && image.width == width) return image;
  Image output(height, width);
  resize_part(image, height, width, {0, height}, {0, width}, false, output, 0, 0);
  return output;
}

Image resize_shorter_side(const Image& image, int64_t size) {
  const auto window = central_window(image, size);
  return resize(image, window.height, window.width);
}

Window central_window(const Image& image, int64_t size) {
  require(!image.empty() && size > 0, "a window needs a picture and a size");
  const bool upright = image.width <= image.height;
  const int64_t height = upright ? size * image.height / image.width : size;
  const int64_t width = upright ? size : size * image.width / image.height;
  return {.height = height, .width = width, .top = half_to_even(height - size), .left = half_to_even(width - size), .size = size};
}

Image resize(const Image& image, const Window& window) {
  const int64_t size = window.size;
  require(!image.empty() && size > 0 && window.top >= 0 && window.left >= 0 && window.top + size <= window.height &&
              window.left + size <= window.width,
          "a window lies inside the resized picture");
  Image output(size, size);
  const int64_t height = size - std::abs(window.down), width = size - std::abs(window.right);
  if (height <= 0 || width <= 0) return output;
  const Range rows = {window.top + std::max(-window.down, int64_t{0}), height};
  const Range columns = {window.left + std::max(-window.right, int64_t{0}), width};
  const int64_t top = std::max(window.down, int64_t{0});
  const int64_t left = std::max(window.flip ? -window.right : window.right, int64_t{0});
  if (image.height == window.height && image.width == window.width) {
    copy_part(image, rows, columns, window.flip, output, top, left);
  } else {
    resize_part(image, window.height, window.width, rows, columns, window.flip, output, top, left);
  }
  return output;
}

}  // namespace leaf
