#include "leaf/faces/face.h"

#include <algorithm>

namespace leaf {

double intersection_over_union(const Rectangle& a, const Rectangle& b) {
  const double width = std::min(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
  const double height = std::min(a.top + a.height, b.top + b.height) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (a.area() + b.area() - width * height);
}

}  // namespace leaf
