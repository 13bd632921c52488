#pragma once

#include <vector>

#include "leaf/pictures/point.h"

namespace leaf::synthetic {

/// A polygon or a polyline.
using Path = std::vector<Point>;

/// `from` at 0, `to` at 1.
Point mix(Point from, Point to, double share);

/// A smooth curve through the points (Catmull–Rom), `steps` segments between two of them.
Path curve(const Path& points, int steps = 5);
Path closed_curve(const Path& points, int steps = 5);
/// The outline of a line whose half width runs through three values: at its start, middle and end.
Path stroke(const Path& line, double start, double middle, double end);
/// An ellipse around `center` with half axes `a` and `b` (vectors).
Path ellipse(Point center, Point a, Point b, int points = 20);

}  // namespace leaf::synthetic
