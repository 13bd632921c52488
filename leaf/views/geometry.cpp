#include "leaf/views/geometry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

/// From places of the result to places of the source: x' = a x + b y + c, y' = d x + e y + f.
struct Affine {
  double a, b, c, d, e, f;
};

struct Interval {
  int64_t begin, end;
  bool empty() const { return begin >= end; }
};

int64_t divide_up(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }  // b > 0

/// The x in `within` for which 0 <= start + x · step < limit.
Interval inside(int64_t start, int64_t step, int64_t limit, Interval within) {
  if (step == 0) return start >= 0 && start < limit ? within : Interval{0, 0};
  if (step < 0) {  // mirrored: 0 <= (limit − 1 − start) + x · (−step) < limit
    start = limit - 1 - start;
    step = -step;
  }
  return {std::max(within.begin, divide_up(-start, step)), std::min(within.end, divide_up(limit - start, step))};
}

/// Numbers with 16 bits behind the point, as Pillow keeps them.
int64_t fixed(double value) { return static_cast<int64_t>(std::floor(value * 65536.0 + 0.5)); }

/// The numbers of n pixels of a picture that is `width` wide, in a line from (x, y) on; coordinates as `fixed` has them.
constexpr Vectorized number_line =
    [](int32_t x, int32_t dx, int32_t y, int32_t dy, int32_t width, int32_t n, int32_t* numbers) __attribute__((always_inline)) {
  for (int32_t i = 0; i < n; ++i) numbers[i] = ((y + i * dy) >> 16) * width + ((x + i * dx) >> 16);
};

/// Pillow's `affine_fixed`.
Image turn(const Image& face, const Affine& m) {
  Image output(face.height, face.width);
  const int64_t dx = fixed(m.a), dy = fixed(m.d), row_dx = fixed(m.b), row_dy = fixed(m.e);
  int64_t x0 = fixed(m.c + m.a * 0.5 + m.b * 0.5), y0 = fixed(m.f + m.d * 0.5 + m.e * 0.5);
  std::vector<int32_t> numbers(face.width);
  const uint8_t* const pixels = face.pixels.data();
  for (int64_t row = 0; row < face.height; ++row, x0 += row_dx, y0 += row_dy) {
    const auto seen = inside(y0, dy, face.height << 16, inside(x0, dx, face.width << 16, {0, face.width}));
    if (seen.empty()) continue;
    uint8_t* const to = output.row(row) + seen.begin * 3;
    const int64_t x = x0 + seen.begin * dx, y = y0 + seen.begin * dy, n = seen.end - seen.begin;
    if (dx == 65536 && dy == 0) {
      std::memcpy(to, face.row(y >> 16) + (x >> 16) * 3, n * 3);
      continue;
    }
    number_line(static_cast<int32_t>(x), static_cast<int32_t>(dx), static_cast<int32_t>(y), static_cast<int32_t>(dy),
                static_cast<int32_t>(face.width), static_cast<int32_t>(n), numbers.data());
    for (int64_t i = 0; i < n; ++i) std::memcpy(to + i * 3, pixels + int64_t{3} * numbers[i], 3);
  }
  return output;
}

/// The source of each place of a line, −1 outside; sums as Pillow's `ImagingScaleAffine` does, with its rounding.
std::vector<int64_t> sources(double start, double step, int64_t size) {
  std::vector<int64_t> places(size);
  double place = start + step * 0.5;
  for (int64_t& source : places) {
    source = place >= 0 && place < static_cast<double>(size) ? static_cast<int64_t>(place) : -1;
    place += step;
  }
  return places;
}

/// The places that have a source: one run, since sources only grow.
Interval run_of(const std::vector<int64_t>& sources) {
  const auto inside = [](int64_t source) { return source >= 0; };
  const auto first = std::find_if(sources.begin(), sources.end(), inside), last = std::find_if_not(first, sources.end(), inside);
  return {first - sources.begin(), last - sources.begin()};
}

/// Pillow's `ImagingScaleAffine`: rows stay rows.
Image move(const Image& face, const Affine& m) {
  Image output(face.height, face.width);
  const auto columns = sources(m.c, m.a, face.width), rows = sources(m.f, m.e, face.height);
  const auto seen = run_of(columns);
  if (seen.empty()) return output;
  const bool straight = columns[seen.end - 1] - columns[seen.begin] == seen.end - 1 - seen.begin;
  for (int64_t y = 0; y < face.height; ++y) {
    if (rows[y] < 0) continue;
    const uint8_t* from = face.row(rows[y]);
    uint8_t* to = output.row(y);
    if (m.a == 1 && straight) {
      std::memcpy(to + seen.begin * 3, from + columns[seen.begin] * 3, (seen.end - seen.begin) * 3);
      continue;
    }
    for (int64_t x = seen.begin; x < seen.end; ++x) std::memcpy(to + x * 3, from + columns[x] * 3, 3);
  }
  return output;
}

Image transform(const Image& face, const Affine& m) { return m.b == 0 && m.d == 0 ? move(face, m) : turn(face, m); }

/// Python's round(value, 15).
double round_15(double value) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 15).ptr;
  double rounded = 0;
  std::from_chars(text.data(), end, rounded);
  return rounded;
}

/// A quarter turn counterclockwise of a square picture.
Image quarter(const Image& face) {
  Image output(face.height, face.width);
  for (int64_t y = 0; y < face.height; ++y) {
    for (int64_t x = 0; x < face.width; ++x) std::copy_n(face.row(x) + (face.width - 1 - y) * 3, 3, output.row(y) + x * 3);
  }
  return output;
}

Image upside_down(const Image& face) {
  Image output(face.height, face.width);
  for (int64_t y = 0; y < face.height; ++y) std::copy_n(face.row(face.height - 1 - y), face.width * 3, output.row(y));
  return output;
}

}  // namespace

Image shear_x(const Image& face, double slope) { return transform(face, {1, slope, 0, 0, 1, 0}); }

Image shear_y(const Image& face, double slope) { return transform(face, {1, 0, 0, slope, 1, 0}); }

Image translate_x(const Image& face, double fraction) {
  return transform(face, {1, 0, fraction * static_cast<double>(face.width), 0, 1, 0});
}

Image translate_y(const Image& face, double fraction) {
  return transform(face, {1, 0, 0, 0, 1, fraction * static_cast<double>(face.height)});
}

Image rotate(const Image& face, double degrees) {
  double turned = std::fmod(degrees, 360.0);
  if (turned < 0) turned += 360;
  if (turned == 0) return face;
  if (turned == 180) return flip(upside_down(face));
  if (face.width == face.height && turned == 90) return quarter(face);
  if (face.width == face.height && turned == 270) return flip(upside_down(quarter(face)));
  const double radians = -(turned * (std::numbers::pi / 180));
  const double cosine = round_15(std::cos(radians)), sine = round_15(std::sin(radians));
  const double x = static_cast<double>(face.width) / 2, y = static_cast<double>(face.height) / 2;
  Affine m = {cosine, sine, 0, round_15(-std::sin(radians)), cosine, 0};
  m.c = m.a * -x + m.b * -y + x;
  m.f = m.d * -x + m.e * -y + y;
  return transform(face, m);
}

Image flip(const Image& face) {
  Image output(face.height, face.width);
  for (int64_t y = 0; y < face.height; ++y) {
    const uint8_t* from = face.row(y);
    for (int64_t x = face.width - 1; x >= 0; --x, from += 3) std::memcpy(output.row(y) + x * 3, from, 3);
  }
  return output;
}

Image pad_and_crop(const Image& face, int64_t padding, int64_t top, int64_t left, int64_t height, int64_t width) {
  Image output(height, width);
  const Interval columns = {std::max(padding - left, int64_t{0}), std::min(width, face.width + padding - left)};
  if (columns.empty()) return output;
  for (int64_t y = 0; y < height; ++y) {
    const int64_t source = y + top - padding;
    if (source < 0 || source >= face.height) continue;
    const uint8_t* from = face.row(source) + (columns.begin + left - padding) * 3;
    std::memcpy(output.row(y) + columns.begin * 3, from, (columns.end - columns.begin) * 3);
  }
  return output;
}

}  // namespace leaf
