#pragma once

#include <cstdint>
#include <vector>

#include "leaf/pictures/point.h"

namespace leaf {

/// An upright rectangle in a picture, in pixels from its left upper corner; it may reach beyond the picture.
struct Rectangle {
  double left = 0, top = 0, width = 0, height = 0;
  double area() const { return width * height; }
  bool operator==(const Rectangle&) const = default;
};

/// The area that both cover over the area that either covers, 0…1.
double intersection_over_union(const Rectangle& a, const Rectangle& b);

/// The 68 points, in pixels (a pixel's center is at 0.5), of iBUG 300-W (Sagonas et al., ICCV workshops 2013): jaw 0–16, brows
/// 17–26, nose 27–35, the eyes on the picture's left 36–41 and right 42–47, mouth 48–67.
constexpr int64_t kLandmarks = 68;
using Landmarks = std::vector<Point>;  ///< 68, or none where nobody looked for them

/// A face found in a picture.
struct Face {
  Rectangle box;     ///< as the detector sees it
  double score = 0;  ///< how sure the detector is, 0…1
  Landmarks landmarks;
};

}  // namespace leaf
