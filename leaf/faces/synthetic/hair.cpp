#include <cmath>
#include <stdexcept>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

/// The band between the top of the head and a line across the forehead, from the left temple to the right one.
void cap(const Sketch& sketch, const Path& line, double rise, Tint color) {
  const double w = sketch.person.width, l = sketch.person.length;
  const Path half{{0.74 * w, line.back().y},
                  {0.76 * w, -0.45},
                  {0.68 * w, -0.80 * l},
                  {0.42 * w, -(0.97 + rise) * l},
                  {0, -(1.03 + rise) * l}};
  Path shape = curve(line, 4);
  Path top = half;
  for (size_t i = half.size() - 1; i-- > 0;) top.push_back({-half[i].x, half[i].y});
  top.back().y = line.front().y;
  const Path over = curve(top, 4);
  shape.insert(shape.end(), over.begin(), over.end());
  const bool woven = sketch.person.style == Hair::scarf || sketch.person.style == Hair::cap;
  const Path placed = sketch.at.outline(shape);
  sketch.canvas.fill_with(sketch.canvas.cover(placed), [&](double x, double y) {
    const Point face = sketch.at.inverse({x, y});
    const double shine =
        0.8 + 0.45 * std::max(0.0, 1 - 6 * (face.y + 0.82) * (face.y + 0.82)) * (0.6 + 0.4 * sketch.light.x * face.x);
    const double strand = 1 + 0.08 * std::sin(26 * face.x + 9 * std::sin(3 * face.y));
    return color * (woven ? shine : shine * strand);
  });
}

/// Half a hairline, from the middle of the forehead to the right temple, and how far the hair stands off the head.
struct Cut {
  Path line;
  double rise = 0;
};

Cut cut_of(const Identity& person) {
  const double w = person.width, line = person.hairline;
  switch (person.style) {
    case Hair::none:
      return {};
    case Hair::cropped:
    case Hair::bun:
      return {{{0, line}, {0.40 * w, line - 0.05}, {0.62 * w, line + 0.10}, {0.71 * w, -0.08}}, 0.02};
    case Hair::curly:
      return {{{0, line}, {0.40 * w, line - 0.05}, {0.62 * w, line + 0.10}, {0.71 * w, -0.08}}, 0.12};
    case Hair::fringe:
      return {{{0, line + 0.12}, {0.50 * w, line + 0.14}, {0.60 * w, -0.30}, {0.72 * w, 0.05}}, 0.06};
    case Hair::parted:
      return {{{0, line - 0.22}, {0.12, line - 0.12}, {0.61 * w, line + 0.20}, {0.72 * w, 0}}, 0.07};
    case Hair::long_hair:
      return {{{0, line - 0.20}, {0.58 * w, line + 0.24}, {0.60 * w, 0.3}, {0.76 * w, 0.95}}, 0.08};
    case Hair::scarf:
      return {{{0, line}, {0.40 * w, line + 0.08}, {0.59 * w, -0.15}, {0.60 * w, 0.4}, {0.74 * w, 0.95}}, 0.08};
    case Hair::cap:
      return {{{0, line + 0.10}, {0.45 * w, line + 0.08}, {0.76 * w, -0.45}}, 0.12};
  }
  throw std::logic_error("a hair style without a cut");
}

}  // namespace

void draw_hair(const Sketch& sketch) {
  const Identity& person = sketch.person;
  if (person.style == Hair::none) {
    return sketch.canvas.spot(sketch.at({0, -0.80}), sketch.at.vector({0.25, 0}), sketch.at.vector({0, 0.14}), 1.12);
  }
  const Cut cut = cut_of(person);
  const bool parted = person.style == Hair::parted || person.style == Hair::long_hair;
  const double shift = parted ? 0.35 * person.parting : 0;
  const auto shifted = [&](Point point) { return Point{point.x + (std::abs(point.x) < 0.2 ? shift : 0), point.y}; };
  Path line;
  for (size_t i = cut.line.size(); i-- > 1;) line.push_back(shifted({-cut.line[i].x, cut.line[i].y}));
  for (const Point point : cut.line) line.push_back(shifted(point));
  const bool cloth = person.style == Hair::scarf || person.style == Hair::cap;
  cap(sketch, line, cut.rise, cloth ? person.cloth : person.hair);
}

void draw_beard(const Sketch& sketch) {
  const Identity& person = sketch.person;
  const Mouth& mouth = sketch.face.mouth;
  const double w = person.width, jaw = sketch.face.jaw, l = person.length;
  const Tint color = mix(person.hair, person.skin * 0.5, 0.2);
  const auto chin = closed_curve({{-0.65 * w, 0.12},
                                  {-0.50 * w, 0.42},
                                  {-0.28, mouth.upper_outer - 0.03},
                                  {0, mouth.upper_outer - 0.07},
                                  {0.28, mouth.upper_outer - 0.03},
                                  {0.50 * w, 0.42},
                                  {0.65 * w, 0.12},
                                  {person.jaw * w, 0.57 * l + 0.5 * jaw},
                                  {person.chin * w, 0.85 * l + jaw},
                                  {0, 0.93 * l + jaw},
                                  {-person.chin * w, 0.85 * l + jaw},
                                  {-person.jaw * w, 0.57 * l + 0.5 * jaw}},
                                 4);
  if (person.beard == Beard::full) sketch.canvas.fill(sketch.at.outline(chin), color, 0.85);
  if (person.beard == Beard::stubble) sketch.canvas.fill(sketch.at.outline(chin), color, 0.25);
  if (person.beard == Beard::goatee) {
    sketch.fill(ellipse({0, 0.5 * (mouth.lower_outer + 0.05 + 0.92 * l + jaw)}, {0.17, 0},
                        {0, 0.5 * (0.87 * l + jaw - mouth.lower_outer)}, 16),
                color, 0.8);
  }
  if (person.beard == Beard::mustache || person.beard == Beard::goatee) {
    const double y = mouth.upper_outer - 0.03;
    sketch.line({{mouth.left.x * 0.95, 0.6 * mouth.left.y + 0.4 * y},
                 {-0.10, y - 0.005},
                 {0, y - 0.015},
                 {0.10, y - 0.005},
                 {mouth.right.x * 0.95, 0.6 * mouth.right.y + 0.4 * y}},
                0.010, 0.032, 0.010, color, 0.85);
  }
}

}  // namespace leaf::synthetic
