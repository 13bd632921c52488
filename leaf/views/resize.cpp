#include "leaf/views/resize.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "leaf/views/resample.h"

namespace leaf {
namespace {

constexpr int64_t kRowsAtOnce = 128;

using Buffer = std::unique_ptr<uint8_t[]>;

Buffer buffer(int64_t size) { return std::make_unique_for_overwrite<uint8_t[]>(size); }

/// The places of the input that the taps read.
Range inputs_of(const Taps& taps) {
  const auto [first, last] = std::minmax(taps.first.front(), taps.first.back());
  return {first, last + taps.count - first};
}

/// Rows of the input, resized along themselves: [rows, places · 3]. Lines are added where columns lie as lines do, a pixel's
/// three after one another; so rows are transposed, up to 128 at a time, which the caches hold, and the result is transposed
/// back.
Buffer resize_rows(const Image& image, Range rows, const Taps& taps) {
  const auto columns = inputs_of(taps);
  const int64_t places = std::ssize(taps.first), parts = (rows.size + kRowsAtOnce - 1) / kRowsAtOnce,
                most = (rows.size + parts - 1) / parts;
  auto turned = buffer(columns.size * 3 * most), sums = buffer(places * 3 * most), lines = buffer(rows.size * places * 3);
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = part * rows.size / parts, n = (part + 1) * rows.size / parts - begin, stride = 3 * n;
    transpose(image.row(rows.begin + begin) + columns.begin * 3, image.width * 3, n, columns.size * 3, turned.get(), n);
    for (int64_t x = 0; x < places; ++x) {
      add_lines(&turned[(taps.first[x] - columns.begin) * stride], stride, &taps.weights[x * taps.count], taps.count, stride,
                &sums[x * stride]);
    }
    transpose(sums.get(), n, places * 3, n, &lines[begin * places * 3], places * 3);
  }
  return lines;
}

/// Resizes to [height, width] what `rows` and `columns` of the result show, into `output` at (top, left).
void resize_part(const Image& image, int64_t height, int64_t width, Range rows, Range columns, bool flip, Image& output,
                 int64_t top, int64_t left) {
  Taps across(image.width, width, columns);
  if (flip) across.mirror();
  const Taps down(image.height, height, rows);
  const auto inputs = inputs_of(down);
  const auto lines = resize_rows(image, inputs, across);
  const int64_t stride = columns.size * 3;
  for (int64_t y = 0; y < rows.size; ++y) {
    add_lines(&lines[(down.first[y] - inputs.begin) * stride], stride, &down.weights[y * down.count], down.count, stride,
              output.row(top + y) + left * 3);
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
