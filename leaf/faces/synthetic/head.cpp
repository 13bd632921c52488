#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {

void Sketch::line(const Path& points, double start, double middle, double end, Tint color, double opacity) const {
  const double unit = at.unit();
  canvas.fill(stroke(at(curve(points, 4)), start * unit, middle * unit, end * unit), color, opacity);
}

void Sketch::spot(Point center, double a, double b, Tint factor, double lift) const {
  canvas.spot(at(center, lift), at.vector({a, 0}), at.vector({0, b}), factor);
}

namespace {

/// Both halves of an outline from its right half, top to bottom.
Path mirrored(const Path& half) {
  Path path = half;
  for (size_t i = half.size(); i-- > 0;) {
    if (std::abs(half[i].x) > 1e-6) path.push_back({-half[i].x, half[i].y});
  }
  return path;
}

Path head_outline(const Identity& person, double jaw) {
  const double w = person.width, l = person.length;
  return closed_curve(mirrored({{0, -1.0 * l},
                                {0.40 * w, -0.92 * l},
                                {0.64 * w, -0.62 * l},
                                {0.69 * w, -0.20},
                                {0.66 * w, 0.18},
                                {person.jaw * w, 0.56 * l + 0.5 * jaw},
                                {person.chin * w, 0.85 * l + jaw},
                                {0, 0.92 * l + jaw}}),
                      4);
}

Tint lit(const Sketch& sketch, Tint skin, Point face) {
  const double yaw = sketch.at.pose().yaw, pitch = sketch.at.pose().pitch;
  const double u = face.x / (0.80 * sketch.person.width), v = (face.y - 0.02) / (1.12 * sketch.person.length);
  const double z = std::sqrt(std::max(0.02, 1 - u * u - v * v));
  const double lambert =
      u * sketch.light.x + v * sketch.light.y + z * sketch.light.z + 0.15 * (yaw * sketch.light.x - pitch * sketch.light.y);
  const double shade = sketch.light.ambient + (1 - sketch.light.ambient) * std::max(0.0, lambert) * 1.15;
  const double edge = 0.80 + 0.20 * std::min(1.0, z * 1.6);  // skin turns darker and redder where it turns away
  return skin *
         Tint{static_cast<float>(shade * (0.3 + 0.7 * edge)), static_cast<float>(shade * edge), static_cast<float>(shade * edge)};
}

void draw_ears(const Sketch& sketch) {
  const double w = sketch.person.width;
  for (const int side : {-1, 1}) {
    const double turn = side * sketch.at.pose().yaw;
    if (turn > 0.22) continue;  // hidden behind the cheek
    const Path shape = ellipse({side * 0.70 * w, 0.02}, {0.085, 0}, {side * 0.03, 0.19}, 14);
    sketch.canvas.fill(sketch.at.outline(shape), sketch.person.skin * Tint{0.84f, 0.76f, 0.74f});
    const Path inside = ellipse({side * 0.71 * w, 0.02}, {0.045, 0}, {side * 0.02, 0.12}, 10);
    sketch.canvas.fill(sketch.at.outline(inside), sketch.person.skin * Tint{0.62f, 0.50f, 0.48f}, 0.7);
  }
}

void shade_relief(const Sketch& sketch) {
  const Identity& person = sketch.person;
  const Landmarks& face = sketch.face;
  for (const int side : {-1, 1}) {
    const Point eye{side * person.eye_distance, person.eye_y};
    sketch.spot(eye + Point{-side * 0.06, -0.07}, 0.26, 0.17, Tint{0.80f, 0.76f, 0.76f});  // socket
    sketch.spot(eye + Point{0, -0.06}, 0.17, 0.09, mix({1, 1, 1}, {0.55f, 0.45f, 0.60f}, person.eye_shadow));
    const double lifted =
        0.05 * sketch.units[Unit::cheek_raiser].side(side) + 0.05 * sketch.units[Unit::lip_corner_puller].side(side);
    sketch.spot({side * 0.40, 0.26 - lifted}, 0.26, 0.22, Tint{1.10f, 1.02f, 1.02f} * (1 + 0.8 * lifted));
    sketch.spot({side * 0.52, 0.50}, 0.20, 0.30, 0.90 - 0.08 * sketch.units[Unit::jaw_drop].mean());
  }
  sketch.spot({0, -0.62}, 0.45, 0.28, 1.05);
  sketch.spot({0, 0.84 + face.jaw}, 0.20, 0.14, 1.06);
  sketch.spot({0, face.mouth.lower_outer + 0.055}, 0.17, 0.06, 0.84);
}

}  // namespace

void draw_behind_head(const Sketch& sketch) {
  const Identity& person = sketch.person;
  const double w = person.width, l = person.length;
  if (person.style == Hair::long_hair || person.style == Hair::bun || person.style == Hair::curly) {
    Path shape = closed_curve(
        mirrored(
            {{0, -1.13 * l}, {0.55 * w, -1.0 * l}, {0.84 * w, -0.5}, {0.88 * w, 0.2}, {0.86 * w, 1.0}, {0.5, 1.2}, {0, 1.2}}),
        4);
    if (person.style == Hair::curly) shape = ellipse({0, -0.38}, {0.98 * w, 0}, {0, 0.82 * l}, 26);
    if (person.style == Hair::bun) shape = ellipse({0.1 * person.parting, -1.08 * l}, {0.28, 0}, {0, 0.24}, 18);
    sketch.canvas.fill(sketch.at.outline(shape), person.hair * 0.75);
  }
  if (person.style == Hair::scarf) {
    sketch.canvas.fill(
        sketch.at.outline(closed_curve(
            mirrored({{0, -1.12 * l}, {0.6 * w, -0.98 * l}, {0.84 * w, -0.3}, {0.80 * w, 0.5}, {0.95, 1.3}, {0, 1.4}}), 4)),
        person.cloth * 0.8);
  }
  const Path neck{{-0.40 * w, 0.45}, {0.40 * w, 0.45}, {0.46 * w, 1.5}, {-0.46 * w, 1.5}};
  sketch.canvas.fill(sketch.at.outline(neck), person.skin * Tint{0.66f, 0.58f, 0.56f});
  const Path shoulders =
      closed_curve({{-0.42, 1.12}, {0, 1.22}, {0.42, 1.12}, {1.3, 1.35}, {1.4, 2.0}, {-1.4, 2.0}, {-1.3, 1.35}}, 3);
  sketch.canvas.fill(sketch.at.outline(shoulders), person.style == Hair::scarf
                                                       ? person.cloth
                                                       : Tint{1 - person.cloth.red, person.cloth.blue, person.cloth.green});
}

void draw_head(const Sketch& sketch) {
  if (sketch.person.style != Hair::scarf) draw_ears(sketch);
  const Path outline = sketch.at.outline(head_outline(sketch.person, sketch.face.jaw));
  sketch.canvas.fill_with(sketch.canvas.cover(outline), [&](double x, double y) {
    return lit(sketch, sketch.person.skin, sketch.at.inverse({x, y}));
  });
  shade_relief(sketch);
}

}  // namespace leaf::synthetic
