#include <algorithm>
#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

using enum Unit;

void fold(const Sketch& sketch, const Path& points, double half_width, double depth) {
  if (depth < 0.03) return;
  sketch.line(points, 0.2 * half_width, half_width, 0.2 * half_width, sketch.person.skin * Tint{0.50f, 0.38f, 0.36f},
              std::min(depth, 0.85));
}

void draw_forehead(const Sketch& sketch) {
  const ActionUnits& units = sketch.units;
  const double age = sketch.person.age, y = sketch.person.brow_y;
  for (int row = 0; row < 3; ++row) {
    const double at = y - 0.14 - 0.085 * row;
    const double middle = units[inner_brow_raiser].mean(), sides = units[outer_brow_raiser].mean();
    const double depth = 0.22 * std::max(0.0, age - 0.35) +
                         (0.45 + 0.3 * age) * std::max(0.75 * middle * (1 - 0.5 * sides), 0.8 * sides) - 0.08 * row;
    const double reach = 0.20 + 0.18 * sides;
    fold(sketch, {{-reach, at + 0.02}, {0, at - 0.01 - 0.03 * middle * (1 - sides)}, {reach, at + 0.02}}, 0.011, depth);
  }
  for (const int side : {-1, 1}) {  // between the brows
    const double lowered = units[brow_lowerer].side(side), wrinkled = units[nose_wrinkler].side(side);
    fold(sketch, {{side * 0.045, y - 0.06}, {side * 0.05, y + 0.02}, {side * 0.04, y + 0.09}}, 0.013,
         0.75 * lowered + 0.3 * wrinkled + 0.15 * std::max(0.0, age - 0.5));
  }
  sketch.spot({0, y + 0.04}, 0.13, 0.12, 1 - 0.22 * units[brow_lowerer].mean() - 0.15 * units[nose_wrinkler].mean());
}

void draw_cheek(const Sketch& sketch, int side) {
  const auto unit = [&](Unit name) { return sketch.units[name].side(side); };
  const Landmarks& face = sketch.face;
  const Point corner = side < 0 ? face.mouth.left : face.mouth.right;
  const double age = sketch.person.age;
  const double deep = 0.10 + 0.35 * age + 0.40 * unit(lip_corner_puller) + 0.55 * unit(upper_lip_raiser) +
                      0.35 * unit(nose_wrinkler) + 0.15 * unit(lip_stretcher);
  const Point wing{side * (face.nose_width + 0.025), face.nose.y - 0.03};
  const Point bulge = mix(wing, corner, 0.5) + Point{side * (0.05 + 0.03 * unit(lip_corner_puller)), -0.02};
  fold(sketch, {wing, bulge, corner + Point{side * 0.055, -0.01}}, 0.014, deep);
  const Point eye = sketch.face.eyes[side > 0].outer;
  for (const double angle : {-0.5, 0.05, 0.6}) {  // crow's feet
    const Point start = eye + Point{side * 0.045, 0.035 * angle};
    fold(sketch, {start, start + Point{side * 0.05, 0.05 * angle}, start + Point{side * 0.09, 0.11 * angle}}, 0.008,
         0.5 * unit(cheek_raiser) + 0.25 * std::max(0.0, age - 0.4));
  }
  fold(sketch, {corner + Point{side * 0.055, -0.055}, corner + Point{side * 0.075, 0}, corner + Point{side * 0.055, 0.055}},
       0.016, 0.8 * unit(dimpler) + 0.15 * unit(lip_corner_puller));
  sketch.spot(corner + Point{side * 0.03, 0.07}, 0.09, 0.08, 1 - 0.3 * unit(lip_corner_depressor) - 0.1 * age);
  fold(sketch, {corner + Point{side * 0.01, 0.02}, corner + Point{side * 0.04, 0.08}, corner + Point{side * 0.05, 0.16}}, 0.012,
       0.4 * unit(lip_corner_depressor) + 0.2 * std::max(0.0, age - 0.5));
}

void draw_chin(const Sketch& sketch) {
  const double raised = sketch.units[chin_raiser].mean(), y = sketch.face.mouth.lower_outer;
  fold(sketch, {{-0.13, y + 0.085}, {0, y + 0.045}, {0.13, y + 0.085}}, 0.014, 0.12 + 0.55 * raised);
  for (const int side : {-1, 1}) sketch.spot({side * 0.06, y + 0.15}, 0.05, 0.05, 1 - 0.25 * raised);
  const double tight = std::max(sketch.units[lip_tightener].mean(), sketch.units[lip_pressor].mean());
  sketch.spot({0, y + 0.04}, 0.24, 0.05, 1 - 0.12 * tight);
  sketch.spot({0, sketch.face.mouth.upper_outer - 0.035}, 0.24, 0.05, 1 - 0.15 * tight);
}

void draw_nose_root(const Sketch& sketch) {
  const double wrinkled = sketch.units[nose_wrinkler].mean();
  for (int row = 0; row < 2; ++row) {
    const double y = sketch.person.eye_y + 0.02 + 0.08 * row, reach = 0.075 + 0.015 * row;
    fold(sketch, {{-reach, y + 0.02}, {0, y - 0.015}, {reach, y + 0.02}}, 0.011, 0.6 * wrinkled);
  }
  for (const int side : {-1, 1}) {
    fold(sketch,
         {{side * 0.07, sketch.person.eye_y + 0.02},
          {side * 0.11, sketch.person.eye_y + 0.13},
          {side * 0.17, sketch.person.eye_y + 0.20}},
         0.012, 0.6 * wrinkled);
  }
}

}  // namespace

void draw_wrinkles(const Sketch& sketch) {
  draw_forehead(sketch);
  draw_nose_root(sketch);
  for (const int side : {-1, 1}) draw_cheek(sketch, side);
  draw_chin(sketch);
}

void draw_nose(const Sketch& sketch) {
  const Point tip = sketch.face.nose;
  const double width = sketch.face.nose_width, away = sketch.light.x > 0 ? -1 : 1;
  const Tint shadow = sketch.person.skin * Tint{0.42f, 0.30f, 0.28f};
  sketch.spot({away * 0.075, 0.45 * tip.y - 0.08}, 0.055, 0.26, 0.80, 0.08);
  sketch.spot({-away * 0.02, 0.45 * tip.y - 0.08}, 0.05, 0.26, 1.10, 0.1);
  sketch.spot(tip + Point{0, 0.05}, width * 1.5, 0.06, 0.78);
  sketch.spot(tip + Point{-away * 0.02, -0.04}, 0.07, 0.06, 1.14, 0.16);
  for (const int side : {-1, 1}) {
    const Path nostril = ellipse(tip + Point{side * 0.48 * width, 0.012}, {0.28 * width, 0}, {0, 0.020}, 10);
    sketch.canvas.fill(sketch.at(nostril, 0.06), shadow * 0.5, 0.85);
    const Path wing = curve({tip + Point{side * 0.85 * width, -0.075}, tip + Point{side * 1.05 * width, -0.02},
                             tip + Point{side * 0.8 * width, 0.02}},
                            3);
    sketch.canvas.fill(
        stroke(sketch.at(wing, 0.04), 0.003 * sketch.at.unit(), 0.012 * sketch.at.unit(), 0.006 * sketch.at.unit()), shadow, 0.6);
  }
}

}  // namespace leaf::synthetic
