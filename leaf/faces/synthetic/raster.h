#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "leaf/faces/synthetic/coverage.h"
#include "leaf/pictures/image.h"

namespace leaf::synthetic {

/// A color or a factor for each channel; 0…1 is black to white, more is clipped when the picture becomes bytes.
struct Tint {
  float red = 0, green = 0, blue = 0;
  Tint operator*(double factor) const;
  Tint operator*(Tint other) const { return {red * other.red, green * other.green, blue * other.blue}; }
};

/// `from` at 0, `to` at 1.
Tint mix(Tint from, Tint to, double share);

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
