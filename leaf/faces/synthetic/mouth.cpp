#include <algorithm>
#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

constexpr int kPoints = 16;

/// A region between two lines of the mouth; a bow dents the upper one at its middle.
Path between(const Mouth& mouth, double upper, double upper_fullness, double lower, double lower_fullness, double bow = 0) {
  Path path;
  for (int i = 0; i <= kPoints; ++i) {
    const double t = -1 + 2.0 * i / kPoints;
    Point point = mouth_line(mouth, upper, upper_fullness, t);
    point.y += bow * (std::max(0.0, 1 - 30 * t * t) - 0.6 * std::max(0.0, 1 - 20 * (std::abs(t) - 0.3) * (std::abs(t) - 0.3)));
    path.push_back(point);
  }
  for (int i = kPoints; i >= 0; --i) path.push_back(mouth_line(mouth, lower, lower_fullness, -1 + 2.0 * i / kPoints));
  return path;
}

/// How square the opening is: a smile and a stretched mouth open over their whole width.
double squareness(const ActionUnits& units) {
  return std::min(1.0, units[Unit::lip_corner_puller].mean() + units[Unit::lip_stretcher].mean() +
                           0.8 * units[Unit::upper_lip_raiser].mean());
}

void draw_inside(const Sketch& sketch, double fullness) {
  const Mouth& mouth = sketch.face.mouth;
  const Mask inside = sketch.canvas.cover(sketch.at(between(mouth, mouth.upper_inner, fullness, mouth.lower_inner, fullness)));
  sketch.canvas.fill(inside, {0.20f, 0.05f, 0.06f});
  const Tint teeth{0.93f, 0.91f, 0.86f};
  const double shown = std::min(0.055 + 0.01 * squareness(sketch.units), 0.85 * mouth.open());
  const double square = squareness(sketch.units);
  const Mask upper = clip(
      sketch.canvas.cover(sketch.at(between(mouth, mouth.upper_inner - 0.03, fullness, mouth.upper_inner + shown, fullness + 1))),
      inside);
  sketch.canvas.fill(upper, teeth * (0.6 + 0.4 * sketch.light.ambient), 0.35 + 0.6 * square);
  if (mouth.open() < 0.1) return;
  const Point tongue{mouth.center, mouth.lower_inner - 0.02};
  sketch.canvas.fill(clip(sketch.canvas.cover(sketch.at(ellipse(tongue, {0.13, 0}, {0, 0.06}, 12))), inside),
                     {0.62f, 0.25f, 0.27f}, 0.8);
}

}  // namespace

void draw_mouth(const Sketch& sketch) {
  const Mouth& mouth = sketch.face.mouth;
  const double square = squareness(sketch.units), fullness = 2 + 0.8 * square;
  const double seam = 0.5 * (mouth.upper_inner + mouth.lower_inner);
  const bool open = mouth.open() > 0.012;
  const Tint lips = sketch.person.lips * (0.45 + 0.55 * std::max(sketch.light.ambient, 0.7) + 0.1);
  const double bow = 0.25 * sketch.person.upper_lip * (1 - 0.7 * square);
  sketch.fill(between(mouth, mouth.upper_outer, fullness, open ? mouth.upper_inner : seam, fullness, bow), lips * 0.88, 0.95);
  sketch.fill(between(mouth, open ? mouth.lower_inner : seam, fullness, mouth.lower_outer, fullness + 0.2), lips, 0.95);
  sketch.spot({mouth.center, 0.45 * mouth.lower_inner + 0.55 * mouth.lower_outer}, 0.5 * sketch.person.mouth_width, 0.03, 1.14);
  if (open) draw_inside(sketch, fullness);
  Path line;
  for (int i = 0; i <= 8; ++i) line.push_back(mouth_line(mouth, open ? mouth.upper_inner : seam, fullness, -1 + 0.25 * i));
  const double pressed = std::max(sketch.units[Unit::lip_pressor].mean(), sketch.units[Unit::lip_tightener].mean());
  sketch.line(line, 0.008, 0.009 + 0.003 * pressed, 0.008, sketch.person.lips * Tint{0.32f, 0.22f, 0.22f}, open ? 0.6 : 0.9);
  for (const int side : {-1, 1}) {
    const Point corner = side < 0 ? mouth.left : mouth.right;
    sketch.spot(corner, 0.05, 0.04, 0.72);
  }
}

}  // namespace leaf::synthetic
