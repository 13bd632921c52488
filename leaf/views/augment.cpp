#include "leaf/views/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

using Table = std::array<uint8_t, 256>;
using Counts = std::array<int64_t, 256>;

Table identity() {
  Table table;
  std::iota(table.begin(), table.end(), uint8_t{0});
  return table;
}

/// The factor of a blend in single precision; from 512 on the result is 0 or 255 wherever the two differ, whatever the factor.
float bounded(double factor) { return static_cast<float>(std::clamp(factor, -512.0, 512.0)); }

/// Cut to an integer and then clipped: the other way round the loops take twice as long.
uint8_t clip(float value) { return static_cast<uint8_t>(std::min(std::max(static_cast<int>(value), 0), 255)); }

/// Pillow's Image.blend of n bytes: from + factor · (to − from) in single precision, cut to an integer; in place of `to`.
constexpr Vectorized blend =
    [](const uint8_t* __restrict from, uint8_t* __restrict to, int64_t n, float factor) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) to[i] = clip(static_cast<float>(from[i]) + factor * static_cast<float>(to[i] - from[i]));
};

/// The same from one value.
constexpr Vectorized blend_from = [](uint8_t from, uint8_t* to, int64_t n, float factor) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) to[i] = clip(static_cast<float>(from) + factor * static_cast<float>(to[i] - from));
};

/// Pillow's convert("L") of one pixel.
uint8_t gray(const uint8_t* pixel) {
  return static_cast<uint8_t>((pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16);
}

constexpr Vectorized blend_from_gray = [](uint8_t * pixels, int64_t n, float factor) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i, pixels += 3) {
    const int from = gray(pixels);
    for (int c = 0; c < 3; ++c) {
      pixels[c] = clip(static_cast<float>(from) + factor * static_cast<float>(pixels[c] - from));
    }
  }
};

constexpr Vectorized sum_of_grays = [](const uint8_t* pixels, int64_t n) __attribute__((always_inline)) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += gray(pixels + i * 3);
  return sum;
};

/// One row of Pillow's SMOOTH: each of n bytes from its neighbors 3 bytes away, (8 neighbors + 5 · itself) / 13, rounded. Pillow
/// sums thirteenths in single precision; a sum of integers over 13 is never half an integer, so the exact form gives the same.
constexpr Vectorized smooth_row =
    [](const uint8_t* __restrict above, const uint8_t* __restrict here, const uint8_t* __restrict below, int64_t n,
       uint8_t* __restrict output) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) {
    const int sum =
        above[i - 3] + above[i] + above[i + 3] + here[i - 3] + 5 * here[i] + here[i + 3] + below[i - 3] + below[i] + below[i + 3];
    output[i] = static_cast<uint8_t>((static_cast<uint32_t>(2 * sum + 13) * 20165) >> 19);  // floor(x / 26)
  }
};

Image smooth(const Image& face) {
  Image output = face;
  if (face.height < 3 || face.width < 3) return output;
  for (int64_t y = 1; y + 1 < face.height; ++y) {
    smooth_row(face.row(y - 1) + 3, face.row(y) + 3, face.row(y + 1) + 3, (face.width - 2) * 3, output.row(y) + 3);
  }
  return output;
}

constexpr Vectorized invert_from = [](uint8_t * pixels, int64_t n, int threshold) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) pixels[i] = pixels[i] < threshold ? pixels[i] : static_cast<uint8_t>(255 - pixels[i]);
};

void look_up(Image& face, const std::array<Table, 3>& tables) {
  uint8_t* pixel = face.pixels.data();
  for (const uint8_t* end = pixel + face.pixels.size(); pixel < end; pixel += 3) {
    for (int c = 0; c < 3; ++c) pixel[c] = tables[c][pixel[c]];
  }
}

constexpr int kLanes = 48;  // bytes of 16 pixels

/// The smallest and largest value at each place of groups of 48 bytes; n is a multiple of 48.
constexpr Vectorized find_range = [](const uint8_t* values, int64_t n) __attribute__((always_inline)) {
  std::array<uint8_t, kLanes> low, high;
  low.fill(255);
  high.fill(0);
  for (int64_t start = 0; start < n; start += kLanes) {
    for (int i = 0; i < kLanes; ++i) {
      const uint8_t value = values[start + i];
      low[i] = value < low[i] ? value : low[i];  // std::min takes references, which keep the numbers out of registers
      high[i] = value > high[i] ? value : high[i];
    }
  }
  return std::pair(low, high);
};

std::array<Counts, 3> histogram(const Image& face) {
  std::array<Counts, 3> counts{};
  const uint8_t* pixel = face.pixels.data();
  for (const uint8_t* end = pixel + face.pixels.size(); pixel < end; pixel += 3) {
    for (int c = 0; c < 3; ++c) ++counts[c][pixel[c]];
  }
  return counts;
}

Table stretched(int low, int high) {
  Table table = identity();
  if (high <= low) return table;
  const double scale = 255.0 / (high - low), offset = -low * scale;
  for (int i = 0; i < 256; ++i) table[i] = static_cast<uint8_t>(std::clamp(static_cast<int>(i * scale + offset), 0, 255));
  return table;
}

Table equalized(const Counts& counts) {
  Table table = identity();
  const auto last = std::find_if(counts.rbegin(), counts.rend(), [](int64_t count) { return count > 0; });
  if (last == counts.rend()) return table;
  const int64_t step = (std::accumulate(counts.begin(), counts.end(), int64_t{0}) - *last) / 255;
  if (step == 0) return table;
  int64_t below = step / 2;
  for (int i = 0; i < 256; ++i) {
    table[i] = static_cast<uint8_t>(std::min(below / step, int64_t{255}));
    below += counts[i];
  }
  return table;
}

}  // namespace

Image brightness(Image face, double factor) {
  blend_from(uint8_t{0}, face.pixels.data(), std::ssize(face.pixels), bounded(factor));
  return face;
}

Image colorfulness(Image face, double factor) {
  blend_from_gray(face.pixels.data(), face.height * face.width, bounded(factor));
  return face;
}

Image contrast(Image face, double factor) {
  if (face.empty()) return face;
  const int64_t n = face.height * face.width;
  const auto mean = static_cast<double>(sum_of_grays(face.pixels.data(), n)) / static_cast<double>(n);
  blend_from(static_cast<uint8_t>(mean + 0.5), face.pixels.data(), n * 3, bounded(factor));
  return face;
}

Image sharpness(Image face, double factor) {
  const auto smoothed = smooth(face);
  blend(smoothed.pixels.data(), face.pixels.data(), std::ssize(face.pixels), bounded(factor));
  return face;
}

Image posterize(Image face, double bits) {
  const auto mask = static_cast<uint8_t>(0xff << (8 - std::clamp(static_cast<int>(bits), 1, 8)));
  for (uint8_t& value : face.pixels) value &= mask;
  return face;
}

Image solarize(Image face, double threshold) {
  invert_from(face.pixels.data(), std::ssize(face.pixels), static_cast<int>(std::ceil(std::clamp(threshold, 0.0, 256.0))));
  return face;
}

Image auto_contrast(Image face) {
  const int64_t n = std::ssize(face.pixels), whole = n / kLanes * kLanes;
  auto [low, high] = find_range(face.pixels.data(), whole);
  for (int64_t i = whole; i < n; ++i) {
    low[i % 3] = std::min(low[i % 3], face.pixels[i]);
    high[i % 3] = std::max(high[i % 3], face.pixels[i]);
  }
  std::array<Table, 3> tables;
  for (int c = 0; c < 3; ++c) {
    for (int i = c; i < kLanes; i += 3) {
      low[c] = std::min(low[c], low[i]);
      high[c] = std::max(high[c], high[i]);
    }
    tables[c] = stretched(low[c], high[c]);
  }
  look_up(face, tables);
  return face;
}

Image equalize(Image face) {
  const auto counts = histogram(face);
  look_up(face, {equalized(counts[0]), equalized(counts[1]), equalized(counts[2])});
  return face;
}

Image cutout(Image face, double fraction, double center_x, double center_y) {
  if (face.empty() || fraction <= 0) return face;
  const auto width = static_cast<double>(face.width), height = static_cast<double>(face.height);
  const double side = fraction * width;
  const auto left = static_cast<int64_t>(std::max(0.0, center_x - side / 2)),
             top = static_cast<int64_t>(std::max(0.0, center_y - side / 2));
  const auto right = static_cast<int64_t>(std::min(width, static_cast<double>(left) + side));
  const auto bottom = static_cast<int64_t>(std::min(height, static_cast<double>(top) + side));
  for (int64_t y = top; y <= std::min(bottom, face.height - 1); ++y) {
    for (int64_t x = left; x <= std::min(right, face.width - 1); ++x) std::copy_n(kCutoutFill.data(), 3, face.row(y) + x * 3);
  }
  return face;
}

}  // namespace leaf
