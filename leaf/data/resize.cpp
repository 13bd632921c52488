#include "leaf/data/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

constexpr int kBits = 32 - 8 - 2;  // of a weight; Pillow's PRECISION_BITS
constexpr int32_t kHalf = 1 << (kBits - 1);

using Pixel [[gnu::vector_size(16)]] = int32_t;  // red, green, blue, nothing
using Packed [[gnu::vector_size(4)]] = uint8_t;
using Bytes [[gnu::vector_size(16)]] = uint8_t;

struct Range {
  int64_t begin, size;
};

/// For each output place of a line: where its inputs start and their weights, `count` for each (the unused ones are 0).
struct Taps {
  int64_t count = 0;
  std::vector<int32_t> first;
  std::vector<int32_t> weights;
};

/// The weights of one output place, normalized to 2²²; returns the place of the first input (Pillow, Resample.c).
int32_t fill_weights(int64_t input, double scale, int64_t place, std::vector<double>& exact, int32_t* weights) {
  const double widening = std::max(scale, 1.0), center = (static_cast<double>(place) + 0.5) * scale, step = 1 / widening;
  const auto first = std::max(static_cast<int64_t>(center - widening + 0.5), int64_t{0});
  const auto last = std::min(static_cast<int64_t>(center + widening + 0.5), input);
  double sum = 0;
  for (int64_t i = first; i < last; ++i) {
    const double distance = std::abs((static_cast<double>(i) - center + 0.5) * step);
    exact[i - first] = distance < 1 ? 1 - distance : 0;
    sum += exact[i - first];
  }
  for (int64_t i = 0; i < last - first; ++i) {
    weights[i] = static_cast<int32_t>(0.5 + (sum != 0 ? exact[i] / sum : exact[i]) * (1 << kBits));
  }
  return static_cast<int32_t>(first);
}

/// The taps of the places of `part` when a line of `input` pixels becomes one of `output`.
Taps taps_of(int64_t input, int64_t output, Range part) {
  const double scale = static_cast<double>(input) / static_cast<double>(output);
  Taps taps;
  const auto most = static_cast<int64_t>(std::ceil(std::max(scale, 1.0))) * 2 + 1;
  taps.count = scale <= 1 ? 2 : most;
  taps.count = std::min(taps.count, input);
  taps.first.resize(part.size);
  taps.weights.resize(part.size * taps.count);
  std::vector<double> exact(most);
  std::vector<int32_t> weights(most);
  for (int64_t i = 0; i < part.size; ++i) {
    std::fill(weights.begin(), weights.end(), 0);
    const int32_t first = fill_weights(input, scale, part.begin + i, exact, weights.data());
    // Near the end the window is moved back, so that all `count` inputs exist.
    const auto moved = static_cast<int32_t>(std::min<int64_t>(first, input - taps.count));
    taps.first[i] = moved;
    std::copy_n(weights.data(), taps.count - (first - moved), &taps.weights[i * taps.count + first - moved]);
  }
  return taps;
}

void mirror(Taps& taps) {
  std::reverse(taps.first.begin(), taps.first.end());
  const int64_t n = std::ssize(taps.first);
  for (int64_t i = 0; i < n / 2; ++i) {
    std::swap_ranges(&taps.weights[i * taps.count], &taps.weights[i * taps.count] + taps.count,
                     &taps.weights[(n - 1 - i) * taps.count]);
  }
}

/// The pixels of one line as numbers.
LEAF_VECTORIZE void widen(const uint8_t* input, int64_t n, Pixel* output) {
  for (int64_t x = 0; x + 1 < n; ++x, input += 3) {  // the last one has no fourth byte behind it
    Packed packed;
    std::memcpy(&packed, input, 4);
    output[x] = __builtin_convertvector(packed, Pixel);
  }
  output[n - 1] = Pixel{input[0], input[1], input[2], 0};
}

/// The weighted sum of `count` pixels, bytes in the lower parts of the numbers; without a count, of two.
Pixel sum_of(const Pixel* input, const Pixel* weights) {
  return (kHalf + input[0] * weights[0] + input[1] * weights[1]) >> kBits;
}

Pixel sum_of(const Pixel* input, const Pixel* weights, int64_t count) {
  Pixel sum = input[0] * weights[0] + kHalf;
  for (int64_t k = 1; k < count; ++k) sum += input[k] * weights[k];
  return sum >> kBits;
}

/// Four pixels as twelve bytes and four more that do not matter.
void store(Pixel a, Pixel b, Pixel c, Pixel d, uint8_t* output) {
  const auto planes = reinterpret_cast<Bytes>(a | b << 8 | c << 16 | d << 24);
  const Bytes pixels = __builtin_shuffle(planes, Bytes{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 12, 12, 12});
  std::memcpy(output, &pixels, sizeof(pixels));
}

/// One line resized along itself: n pixels, a multiple of four, each from `count` of the input's from `first` on. `weights` has
/// `count` for each, the same in every part. Four more bytes are written than the pixels have.
LEAF_VECTORIZE void resize_line(const Pixel* input, const int32_t* first, const Pixel* weights, int64_t count, int64_t n,
                                uint8_t* output) {
  if (count == 2) {
    for (int64_t x = 0; x < n; x += 4, weights += 8, output += 12) {
      store(sum_of(input + first[x], weights), sum_of(input + first[x + 1], weights + 2),
            sum_of(input + first[x + 2], weights + 4), sum_of(input + first[x + 3], weights + 6), output);
    }
    return;
  }
  for (int64_t x = 0; x < n; x += 4, weights += 4 * count, output += 12) {
    store(sum_of(input + first[x], weights, count), sum_of(input + first[x + 1], weights + count, count),
          sum_of(input + first[x + 2], weights + 2 * count, count), sum_of(input + first[x + 3], weights + 3 * count, count),
          output);
  }
}

/// The weighted sum of two lines of n bytes.
LEAF_VECTORIZE void add_two_lines(const uint8_t* __restrict a, const uint8_t* __restrict b, int32_t weight_a, int32_t weight_b,
                                  int64_t n, uint8_t* __restrict output) {
  for (int64_t i = 0; i < n; ++i) output[i] = static_cast<uint8_t>((kHalf + a[i] * weight_a + b[i] * weight_b) >> kBits);
}

/// The weighted sum of `count` lines of n bytes that lie `stride` bytes apart. A sum never leaves a byte's range, because no
/// weight is negative and all together differ from 2²² by less than `count`.
LEAF_VECTORIZE void add_lines(const uint8_t* __restrict lines, int64_t stride, const int32_t* weights, int64_t count, int64_t n,
                              uint8_t* __restrict output) {
  constexpr int64_t kBlock = 64;
  int32_t sums[kBlock];
  for (int64_t start = 0; start < n; start += kBlock) {
    const int64_t size = std::min(kBlock, n - start);
    for (int64_t i = 0; i < size; ++i) sums[i] = kHalf;
    for (int64_t k = 0; k < count; ++k) {
      const uint8_t* line = lines + k * stride + start;
      for (int64_t i = 0; i < size; ++i) sums[i] += line[i] * weights[k];
    }
    for (int64_t i = 0; i < size; ++i) output[start + i] = static_cast<uint8_t>(sums[i] >> kBits);
  }
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
  Taps across = taps_of(image.width, width, columns);
  if (flip) mirror(across);
  const Taps down = taps_of(image.height, height, rows);
  const int64_t first = down.first.front(), bytes = columns.size * 3;
  const auto lines = resize_rows(image, {first, down.first.back() + down.count - first}, across);
  for (int64_t y = 0; y < rows.size; ++y) {
    const uint8_t* line = &lines.bytes[(down.first[y] - first) * lines.stride];
    const int32_t* weights = &down.weights[y * down.count];
    uint8_t* target = output.row(top + y) + left * 3;
    if (down.count == 2) {
      add_two_lines(line, line + lines.stride, weights[0], weights[1], bytes, target);
    } else {
      add_lines(line, lines.stride, weights, down.count, bytes, target);
    }
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
