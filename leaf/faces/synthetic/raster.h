#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "leaf/faces/image.h"

namespace leaf::synthetic {

/// A position or a vector; x to the right, y down.
struct Point {
  double x = 0, y = 0;
  Point operator+(Point other) const { return {x + other.x, y + other.y}; }
  Point operator-(Point other) const { return {x - other.x, y - other.y}; }
  Point operator*(double factor) const { return {x * factor, y * factor}; }
};

/// A polygon or a polyline.
using Path = std::vector<Point>;

/// A color or a factor for each channel; 0…1 is black to white, more is clipped when the picture becomes bytes.
struct Tint {
  float red = 0, green = 0, blue = 0;
  Tint operator*(double factor) const;
  Tint operator*(Tint other) const { return {red * other.red, green * other.green, blue * other.blue}; }
};

/// `from` at 0, `to` at 1.
Tint mix(Tint from, Tint to, double share);
Point mix(Point from, Point to, double share);

/// How much of each pixel of a rectangle a shape covers, 0…1: exact area, so that edges are smooth at any size.
struct Mask {
  int64_t left = 0, top = 0, width = 0, height = 0;
  std::vector<float> coverage;  ///< [height, width]
};

/// The part of `mask` that is also in `by`.
Mask clip(Mask mask, const Mask& by);

/// A smooth curve through the points (Catmull–Rom), `steps` segments between two of them.
Path curve(const Path& points, int steps = 5);
Path closed_curve(const Path& points, int steps = 5);
/// The outline of a line whose half width runs through three values: at its start, middle and end.
Path stroke(const Path& line, double start, double middle, double end);
/// An ellipse around `center` with half axes `a` and `b` (vectors).
Path ellipse(Point center, Point a, Point b, int points = 20);

/// A square picture of floats that shapes are painted on, in pixels from the upper left corner.
class Raster {
 public:
  explicit Raster(int64_t size);

  int64_t size() const { return size_; }
  /// The first of the three channels of a pixel.
  float* pixel(int64_t x, int64_t y) { return values_.data() + (y * size_ + x) * 3; }

  /// The pixels that a closed path covers (non-zero winding for simple shapes).
  Mask cover(const Path& path) const;
  void fill(const Mask& mask, Tint color, double opacity = 1);
  void fill(const Path& path, Tint color, double opacity = 1) { fill(cover(path), color, opacity); }
  /// Paints `color(x, y)`, pixel centers, through the mask.
  template <typename Color>
  void fill_with(const Mask& mask, const Color& color);
  /// Multiplies an elliptic spot by `factor`, fully at its center, not at all at its border.
  void spot(Point center, Point a, Point b, Tint factor);
  void spot(Point center, Point a, Point b, double factor) { spot(center, a, b, Tint{1, 1, 1} * factor); }

  /// Convolves with a Gaussian of the given deviation in pixels; 0 does nothing.
  void blur(double deviation);
  /// Bytes, rounded and clipped.
  Image image() const;

 private:
  int64_t size_;
  std::vector<float> values_;  // [size, size, 3]
};

template <typename Color>
void Raster::fill_with(const Mask& mask, const Color& color) {
  for (int64_t y = 0; y < mask.height; ++y) {
    for (int64_t x = 0; x < mask.width; ++x) {
      const float share = mask.coverage[y * mask.width + x];
      if (share <= 0) continue;
      const Tint tint = color(mask.left + x + 0.5, mask.top + y + 0.5);
      float* value = pixel(mask.left + x, mask.top + y);
      value[0] += share * (tint.red - value[0]);
      value[1] += share * (tint.green - value[1]);
      value[2] += share * (tint.blue - value[2]);
    }
  }
}

}  // namespace leaf::synthetic
