#include "leaf/faces/synthetic/coverage.h"

#include <algorithm>
#include <cmath>

namespace leaf::synthetic {
namespace {

/// Adds the change of coverage that one edge causes in one row: `area` is its signed height, x0 ≤ x1 its ends.
void add_row(float* row, double x0, double x1, double area) {
  const auto first = static_cast<int64_t>(x0);
  const auto last = static_cast<int64_t>(std::ceil(x1));
  if (last <= first + 1) {
    const double middle = 0.5 * (x0 + x1) - static_cast<double>(first);
    row[first] += static_cast<float>(area * (1 - middle));
    row[first + 1] += static_cast<float>(area * middle);
    return;
  }
  const double slope = 1 / (x1 - x0);
  for (int64_t x = first; x < last; ++x) {
    const double from = std::max(x0, static_cast<double>(x)), to = std::min(x1, static_cast<double>(x + 1));
    const double part = (to - from) * slope;                              // share of the edge's height inside this pixel
    const double right = static_cast<double>(x + 1) - 0.5 * (from + to);  // of the pixel, beside the edge
    row[x] += static_cast<float>(area * (part * right));
    row[x + 1] += static_cast<float>(area * (part * (1 - right)));
  }
}

void add_edge(std::vector<float>& sums, int64_t width, int64_t height, Point from, Point to) {
  if (from.y == to.y) return;
  const double sign = from.y < to.y ? 1 : -1;
  if (sign < 0) std::swap(from, to);
  const double slope = (to.x - from.x) / (to.y - from.y);
  const double top = std::max(from.y, 0.0), bottom = std::min(to.y, static_cast<double>(height));
  double y = top;
  while (y < bottom) {
    const auto row = static_cast<int64_t>(y);
    const double next = std::min(static_cast<double>(row + 1), bottom);
    const auto at = [&](double line) { return std::clamp(from.x + (line - from.y) * slope, 0.0, static_cast<double>(width)); };
    const double a = at(y), b = at(next);
    add_row(sums.data() + row * (width + 2), std::min(a, b), std::max(a, b), sign * (next - y));
    y = next;
  }
}

}  // namespace

Mask clip(Mask mask, const Mask& by) {
  for (int64_t y = 0; y < mask.height; ++y) {
    for (int64_t x = 0; x < mask.width; ++x) {
      const int64_t row = mask.top + y - by.top, column = mask.left + x - by.left;
      const bool inside = row >= 0 && row < by.height && column >= 0 && column < by.width;
      mask.coverage[y * mask.width + x] *= inside ? by.coverage[row * by.width + column] : 0;
    }
  }
  return mask;
}

Mask coverage(const Path& path, int64_t size) {
  Mask mask;
  if (path.size() < 3) return mask;
  double left = path[0].x, right = left, top = path[0].y, bottom = top;
  for (const Point& point : path) {
    left = std::min(left, point.x), right = std::max(right, point.x);
    top = std::min(top, point.y), bottom = std::max(bottom, point.y);
  }
  const auto inside = [size](double at) { return static_cast<int64_t>(std::clamp<double>(at, 0, static_cast<double>(size))); };
  mask.left = inside(std::floor(left)), mask.top = inside(std::floor(top));
  mask.width = inside(std::ceil(right)) - mask.left, mask.height = inside(std::ceil(bottom)) - mask.top;
  if (mask.width <= 0 || mask.height <= 0) return {};
  std::vector<float> sums((mask.width + 2) * mask.height);
  const Point corner{static_cast<double>(mask.left), static_cast<double>(mask.top)};
  for (size_t i = 0; i < path.size(); ++i) {
    add_edge(sums, mask.width, mask.height, path[i] - corner, path[(i + 1) % path.size()] - corner);
  }
  mask.coverage.resize(mask.width * mask.height);
  for (int64_t y = 0; y < mask.height; ++y) {
    float sum = 0;
    for (int64_t x = 0; x < mask.width; ++x) {
      sum += sums[y * (mask.width + 2) + x];
      mask.coverage[y * mask.width + x] = std::min(std::abs(sum), 1.0f);
    }
  }
  return mask;
}

}  // namespace leaf::synthetic
