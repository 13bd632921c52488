#pragma once

namespace leaf {

/// A position or a vector in a picture; x to the right, y down.
struct Point {
  double x = 0, y = 0;
  Point operator+(Point other) const { return {x + other.x, y + other.y}; }
  Point operator-(Point other) const { return {x - other.x, y - other.y}; }
  Point operator*(double factor) const { return {x * factor, y * factor}; }
  bool operator==(const Point&) const = default;
};

}  // namespace leaf
