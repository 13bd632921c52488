#include "leaf/faces/synthetic/shapes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace leaf::synthetic {

namespace {

void add_segment(Path& path, Point before, Point from, Point to, Point after, int steps) {
  for (int i = 0; i < steps; ++i) {
    const double t = static_cast<double>(i) / steps, t2 = t * t, t3 = t2 * t;
    path.push_back((from * 2 + (to - before) * t + (before * 2 - from * 5 + to * 4 - after) * t2 +
                    (from * 3 - before - to * 3 + after) * t3) *
                   0.5);
  }
}

}  // namespace

Point mix(Point from, Point to, double share) { return from + (to - from) * share; }

Path curve(const Path& points, int steps) {
  Path path;
  const size_t last = points.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    add_segment(path, points[i == 0 ? 0 : i - 1], points[i], points[i + 1], points[std::min(i + 2, last)], steps);
  }
  path.push_back(points[last]);
  return path;
}

Path closed_curve(const Path& points, int steps) {
  Path path;
  const size_t n = points.size();
  for (size_t i = 0; i < n; ++i) {
    add_segment(path, points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n], steps);
  }
  return path;
}

Path stroke(const Path& line, double start, double middle, double end) {
  const size_t n = line.size();
  Path path(2 * n);
  for (size_t i = 0; i < n; ++i) {
    const Point along = line[std::min(i + 1, n - 1)] - line[i == 0 ? 0 : i - 1];
    const double length = std::max(std::sqrt(along.x * along.x + along.y * along.y), 1e-9);
    const double t = n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) : 0;
    const double half = t < 0.5 ? start + (middle - start) * 2 * t : middle + (end - middle) * (2 * t - 1);
    const Point normal = Point{-along.y, along.x} * (half / length);
    path[i] = line[i] + normal;
    path[2 * n - 1 - i] = line[i] - normal;
  }
  return path;
}

Path ellipse(Point center, Point a, Point b, int points) {
  Path path(points);
  for (int i = 0; i < points; ++i) {
    const double angle = 2 * std::numbers::pi * i / points;
    path[i] = center + a * std::cos(angle) + b * std::sin(angle);
  }
  return path;
}

}  // namespace leaf::synthetic
