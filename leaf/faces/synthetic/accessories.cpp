#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

Tint random_tint(Rng& rng, double low, double high) {
  const double red = rng.uniform(low, high), green = rng.uniform(low, high), blue = rng.uniform(low, high);
  return {static_cast<float>(red), static_cast<float>(green), static_cast<float>(blue)};
}

Tint muted_tint(Rng& rng) {
  const double gray = rng.uniform(0.15, 0.85);
  return mix(Tint{1, 1, 1} * gray, random_tint(rng, 0.1, 0.9), 0.35);
}

void draw_hand(const Sketch& sketch, Rng& rng) {
  const double side = rng.chance(0.5) ? 1 : -1, y = rng.uniform(0.35, 0.8), angle = side * rng.uniform(-0.5, 0.5);
  const Point along{-side * std::cos(angle), std::sin(angle)}, across{-along.y, along.x};
  const Point start{side * rng.uniform(0.65, 0.8), y};
  const Tint skin = sketch.person.skin * 0.92;
  for (int finger = 0; finger < 4; ++finger) {
    const double length = rng.uniform(0.22, 0.34);
    const Point base = start + across * (0.11 * (finger - 1.5));
    sketch.canvas.fill(sketch.at.outline(ellipse(base, along * length, across * 0.062, 12)), skin * 0.6);
    sketch.canvas.fill(sketch.at.outline(ellipse(base, along * (length - 0.015), across * 0.050, 12)), skin);
  }
  sketch.canvas.fill(sketch.at.outline(ellipse(start - along * 0.3, along * 0.3, across * 0.26, 14)), skin * 0.95);
}

void draw_bar(const Sketch& sketch, Rng& rng) {
  const double angle = rng.uniform(0, 3.14159), offset = rng.uniform(0.45, 0.9) * (rng.chance(0.5) ? 1 : -1),
               half = rng.uniform(0.04, 0.09);
  const Point along{std::cos(angle), std::sin(angle)}, across{-along.y, along.x};
  const Point middle = across * offset;
  sketch.canvas.fill(stroke(sketch.at.outline({middle - along * 2.5, middle, middle + along * 2.5}), half * sketch.at.unit(),
                            half * sketch.at.unit(), half * sketch.at.unit()),
                     random_tint(rng, 0, 1));
}

void draw_patch(const Sketch& sketch, Rng& rng) {
  const double x = rng.uniform(-0.8, 0.8), y = rng.uniform(-0.9, 0.9), width = rng.uniform(0.1, 0.22),
               height = rng.uniform(0.1, 0.22);
  sketch.canvas.fill(
      sketch.at.outline({{x - width, y - height}, {x + width, y - height}, {x + width, y + height}, {x - width, y + height}}),
      random_tint(rng, 0, 1));
}

void draw_lock(const Sketch& sketch, Rng& rng) {
  const double side = rng.chance(0.5) ? 1 : -1, reach = rng.uniform(0.0, 0.5), thick = rng.uniform(0.05, 0.11);
  const Path line =
      curve({{side * 0.1, -0.95}, {side * 0.5, -0.55}, {side * rng.uniform(0.5, 0.62), -0.1}, {side * 0.6, reach}}, 5);
  const double unit = sketch.at.unit();
  sketch.canvas.fill(stroke(sketch.at.outline(line), 1.4 * thick * unit, thick * unit, 0.02 * unit), sketch.person.hair * 0.9);
}

}  // namespace

void draw_glasses(const Sketch& sketch, Rng rng) {
  const Identity& person = sketch.person;
  const double a = rng.uniform(0.19, 0.23), b = rng.uniform(0.13, 0.19), thick = rng.uniform(0.008, 0.022);
  const Tint frame = rng.chance(0.6) ? Tint{0.06f, 0.05f, 0.05f} : random_tint(rng, 0.1, 0.8);
  const double tinted = rng.chance(0.15) ? rng.uniform(0.15, 0.45) : 0.04;
  for (const int side : {-1, 1}) {
    const Point center{side * (person.eye_distance + 0.01), person.eye_y + 0.02};
    Path ring = ellipse(center, {a, 0}, {0, b}, 22);
    sketch.canvas.fill(sketch.at(ring, 0.06), {0.10f, 0.10f, 0.12f}, tinted);
    ring.push_back(ring.front());
    sketch.canvas.fill(
        stroke(sketch.at(ring, 0.06), thick * sketch.at.unit(), thick * sketch.at.unit(), thick * sketch.at.unit()), frame, 0.95);
    const double inner = person.eye_distance + 0.01 - a;
    sketch.line({{0, person.eye_y - 0.03}, {side * inner, person.eye_y - 0.005}}, thick, thick, thick, frame);
    sketch.line({center + Point{side * a, -0.02}, {side * 0.68 * person.width, person.eye_y - 0.03}}, thick, thick, thick, frame);
    if (rng.chance(0.3))
      sketch.canvas.fill(sketch.at({center + Point{-0.1, 0.06}, center + Point{-0.03, -0.1}, center + Point{0.01, -0.1},
                                    center + Point{-0.06, 0.06}},
                                   0.06),
                         {1, 1, 1}, 0.35);
  }
}

void draw_occlusion(const Sketch& sketch, Rng rng) {
  switch (rng.below(4)) {
    case 0:
      return draw_hand(sketch, rng);
    case 1:
      return draw_bar(sketch, rng);
    case 2:
      return draw_patch(sketch, rng);
    default:
      return draw_lock(sketch, rng);
  }
}

void draw_background(Raster& canvas, Rng rng) {
  const auto size = static_cast<double>(canvas.size());
  const Tint first = muted_tint(rng), second = mix(first, muted_tint(rng), rng.uniform());
  const double angle = rng.uniform(0, 6.28318);
  const Point along{std::cos(angle), std::sin(angle)};
  const Path all{{0, 0}, {size, 0}, {size, size}, {0, size}};
  canvas.fill_with(canvas.cover(all), [&](double x, double y) {
    return mix(first, second, 0.5 + 0.5 * ((x / size - 0.5) * along.x + (y / size - 0.5) * along.y));
  });
  const int64_t things = rng.below(5);
  for (int64_t i = 0; i < things; ++i) {
    const Point center{rng.uniform(0, size), 0};
    const Point at = center + Point{0, rng.uniform(0, size)};
    const double a = rng.uniform(0.05, 0.4) * size, b = rng.uniform(0.05, 0.4) * size;
    const Tint color = mix(second, muted_tint(rng), rng.uniform(0, 0.7));
    if (rng.chance(0.5))
      canvas.fill(ellipse(at, {a, 0}, {0, b}, 14), color, 0.8);
    else
      canvas.fill(Path{at + Point{-a, -b}, at + Point{a, -b}, at + Point{a, b}, at + Point{-a, b}}, color, 0.8);
  }
}

}  // namespace leaf::synthetic
