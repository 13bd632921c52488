#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

constexpr int kLidPoints = 8;

Path lid(const Eye& eye, Point (*line)(const Eye&, double), double raise = 0) {
  Path path;
  for (int i = 0; i <= kLidPoints; ++i) {
    const double u = -1 + 2.0 * i / kLidPoints;
    path.push_back(line(eye, u) - Point{0, raise * (1 - u * u)});
  }
  return path;
}

void draw_ball(const Sketch& sketch, const Eye& eye, const Mask& opening, Point gaze) {
  const Tint white{0.93f, 0.91f, 0.89f};
  sketch.canvas.fill(opening, white * (0.55 + 0.45 * sketch.light.ambient + 0.1));
  const Point middle = mix(eye.inner, eye.outer, 0.5);
  const double radius = sketch.person.iris;
  const Point center = sketch.at(middle + Point{0.045 * gaze.x, 0.02 * gaze.y - 0.25 * (sketch.person.eye_height * 0.2)});
  const auto disk = [&](double part) {
    return clip(
        sketch.canvas.cover(ellipse(center, sketch.at.vector({part * radius, 0}), sketch.at.vector({0, part * radius}), 14)),
        opening);
  };
  sketch.canvas.fill(disk(1), sketch.person.eyes * 0.55);
  sketch.canvas.fill(disk(0.82), sketch.person.eyes);
  sketch.canvas.fill(disk(0.45), {0.02f, 0.02f, 0.02f});
  const Point glint = center + sketch.at.vector({0.35 * radius * (sketch.light.x > 0 ? 1 : -1), -0.4 * radius});
  sketch.canvas.fill(
      clip(sketch.canvas.cover(ellipse(glint, sketch.at.vector({0.25 * radius, 0}), sketch.at.vector({0, 0.25 * radius}), 8)),
           opening),
      {1, 1, 1}, 0.9);
}

void draw_eye(const Sketch& sketch, const Eye& eye, int side, Point gaze) {
  const Path upper = lid(eye, upper_lid), lower = lid(eye, lower_lid);
  Path shape = upper;
  shape.insert(shape.end(), lower.rbegin(), lower.rend());
  const Mask opening = sketch.canvas.cover(sketch.at(shape));
  draw_ball(sketch, eye, opening, gaze);
  const Tint dark = mix(sketch.person.skin * 0.35, {0.04f, 0.03f, 0.03f}, sketch.person.lashes);
  Path shadow = lid(eye, upper_lid, -0.018);
  sketch.canvas.fill(clip(sketch.canvas.cover(stroke(sketch.at(shadow), 0, 0.012 * sketch.at.unit(), 0)), opening), {0, 0, 0},
                     0.35);
  sketch.line(upper, 0.006, 0.010 + 0.008 * sketch.person.lashes, 0.012, dark, 0.95);
  sketch.line(lower, 0.003, 0.007, 0.006, mix(sketch.person.skin * 0.5, dark, 0.4), 0.55);
  if (sketch.person.crease) {
    const double above =
        0.035 + 0.02 * sketch.units[Unit::eyes_closed].side(side) - 0.012 * sketch.units[Unit::upper_lid_raiser].side(side);
    sketch.line(lid(eye, upper_lid, above), 0.002, 0.007, 0.005, sketch.person.skin * 0.45, 0.5);
  }
  const double bag = 0.25 * sketch.person.age + 0.55 * sketch.units[Unit::cheek_raiser].side(side) +
                     0.35 * sketch.units[Unit::lid_tightener].side(side);
  sketch.line(lid(eye, lower_lid, -0.045), 0.002, 0.009, 0.002, sketch.person.skin * Tint{0.55f, 0.45f, 0.45f},
              std::min(bag, 0.8));
}

}  // namespace

void draw_eyes(const Sketch& sketch, Point gaze) {
  for (const int side : {-1, 1}) draw_eye(sketch, sketch.face.eyes[side > 0], side, gaze);
}

void draw_brows(const Sketch& sketch) {
  const Tint hair = sketch.person.style == Hair::none ? mix(sketch.person.hair, sketch.person.skin, 0.2) : sketch.person.hair;
  const Tint color = mix(hair * 0.8, sketch.person.skin * 0.55, 0.25);
  for (const Brow& brow : sketch.face.brows) {
    const double thick = sketch.person.brow_thickness;
    sketch.line({brow.line.begin(), brow.line.end()}, 0.85 * thick, thick, 0.25 * thick, color, 0.9);
  }
}

}  // namespace leaf::synthetic
