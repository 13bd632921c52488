#include "leaf/faces/synthetic/landmarks.h"

#include <algorithm>
#include <cmath>

namespace leaf::synthetic {
namespace {

using enum Unit;

Brow brow(const Identity& person, const ActionUnits& units, int side) {
  const auto unit = [&](Unit name) { return units[name].side(side); };
  const double raised_in = unit(inner_brow_raiser), raised_out = unit(outer_brow_raiser), lowered = unit(brow_lowerer);
  const double wrinkled = unit(nose_wrinkler);
  // AU4 pulls down and together; against AU1 (sadness, fear) it loses most of its pull down and leaves an oblique brow.
  const double down = lowered * (1 - 0.85 * raised_in) + 0.45 * wrinkled;
  const double together = 0.045 * lowered + 0.02 * wrinkled + 0.01 * raised_in;
  const double inner_y = -0.14 * raised_in - 0.03 * raised_out + 0.11 * down;
  const double middle_y = -0.055 * raised_in - 0.12 * raised_out + 0.075 * down;
  const double outer_y = 0.01 * raised_in - 0.12 * raised_out + 0.015 * down + 0.02 * lowered * raised_in;
  const double x = person.eye_distance - person.brow_length * 0.85, length = 2 * person.brow_length;
  const double y = person.brow_y, slope = person.brow_slope, arch = person.brow_arch;
  return {{Point{side * (x - together), y + slope + inner_y},
           Point{side * (x + 0.3 * length - 0.7 * together), y - 0.5 * arch + 0.6 * inner_y + 0.4 * middle_y},
           Point{side * (x + 0.65 * length - 0.3 * together), y - arch + middle_y - 0.3 * slope},
           Point{side * (x + length), y + 0.4 * arch - slope + outer_y}}};
}

Eye eye(const Identity& person, const ActionUnits& units, int side) {
  const auto unit = [&](Unit name) { return units[name].side(side); };
  Eye eye;
  const double inner = person.eye_distance - person.eye_width, outer = person.eye_distance + person.eye_width;
  eye.inner = {side * inner, person.eye_y};
  eye.outer = {side * outer, person.eye_y + person.eye_tilt};
  const double upper = person.eye_height * 0.6, lower = person.eye_height * 0.4;
  const double narrow = std::min(0.45 * unit(lid_tightener) + 0.2 * unit(nose_wrinkler) + 0.15 * unit(cheek_raiser), 0.55);
  eye.upper = (upper + 0.062 * unit(upper_lid_raiser)) * (1 - narrow) * (1 - 0.75 * unit(eyes_closed)) -
              0.012 * unit(brow_lowerer) * (1 - unit(inner_brow_raiser));
  eye.upper = std::max(eye.upper, 0.004);
  eye.lower = lower + 0.012 * unit(upper_lid_raiser) -
              lower * std::min(1.3 * unit(cheek_raiser) + 0.9 * unit(lid_tightener) + 0.6 * unit(nose_wrinkler), 1.35);
  eye.lower = std::max(eye.lower, 0.006 - 0.7 * eye.upper);
  eye.slant = 0.45 * unit(inner_brow_raiser) * unit(brow_lowerer) + 0.35 * unit(inner_brow_raiser) * unit(eyes_closed) -
              0.4 * unit(brow_lowerer) * (1 - unit(inner_brow_raiser));
  return eye;
}

Point mouth_corner(const Identity& person, const ActionUnits& units, int side) {
  const auto unit = [&](Unit name) { return units[name].side(side); };
  const double pulled = unit(lip_corner_puller), depressed = unit(lip_corner_depressor), stretched = unit(lip_stretcher);
  const double dimpled = unit(dimpler), tight = std::max(unit(lip_tightener), unit(lip_pressor));
  const double out = 0.085 * pulled + 0.10 * stretched + 0.02 * dimpled - 0.05 * tight -
                     0.06 * unit(jaw_drop) * (1 - stretched) * (1 - pulled) - 0.01 * unit(chin_raiser);
  const double down = -0.135 * pulled + 0.11 * depressed + 0.035 * stretched - 0.05 * dimpled + 0.07 * unit(jaw_drop) +
                      0.02 * unit(upper_lip_raiser);
  return {side * (person.mouth_width + out), person.mouth_y + person.corner + down};
}

Mouth mouth(const Identity& person, const ActionUnits& units) {
  const auto unit = [&](Unit name) { return units[name].mean(); };
  const double pulled = unit(lip_corner_puller), stretched = unit(lip_stretcher), raised = unit(upper_lip_raiser);
  const double tight = std::max(unit(lip_tightener), unit(lip_pressor)), pressed = unit(lip_pressor);
  Mouth mouth;
  mouth.left = mouth_corner(person, units, -1);
  mouth.right = mouth_corner(person, units, 1);
  mouth.center = 0.25 * (mouth.left.x + mouth.right.x);
  const double thin = (1 - 0.25 * pulled) * (1 - 0.25 * stretched) * (1 - 0.55 * tight) * (1 - 0.3 * pressed);
  const double seam = person.mouth_y + 0.012 * pulled - 0.045 * unit(chin_raiser) - 0.012 * unit(lip_corner_depressor);
  const double part = unit(lips_part), jaw = unit(jaw_drop);
  mouth.upper_inner = seam - 0.04 * raised - 0.022 * part * (1 + raised) - 0.012 * pulled * part;
  mouth.upper_outer = mouth.upper_inner - person.upper_lip * thin * (1 - 0.15 * raised) - 0.02 * raised;
  mouth.lower_inner = seam + 0.055 * part + 0.22 * jaw - 0.04 * raised * (1 - part);
  mouth.lower_outer = mouth.lower_inner + person.lower_lip * thin * (1 + 0.2 * unit(chin_raiser));
  return mouth;
}

}  // namespace

Landmarks landmarks(const Identity& person, const ActionUnits& units) {
  Landmarks face;
  for (const int side : {-1, 1}) {
    face.brows[side > 0] = brow(person, units, side);
    face.eyes[side > 0] = eye(person, units, side);
  }
  face.mouth = mouth(person, units);
  const double wrinkled = units[nose_wrinkler].mean();
  face.nose = {0, person.nose_y - 0.045 * wrinkled - 0.015 * units[upper_lip_raiser].mean()};
  face.nose_width = person.nose_width * (1 + 0.2 * wrinkled + 0.1 * units[lip_corner_puller].mean());
  face.jaw = 0.12 * units[jaw_drop].mean() + 0.01 * units[lips_part].mean() - 0.015 * units[chin_raiser].mean();
  return face;
}

namespace {

double lid_profile(double u) {
  const double rest = std::max(0.0, 1 - u * u);
  return 0.5 * (std::sqrt(rest) + rest);
}

}  // namespace

Point upper_lid(const Eye& eye, double u) {
  const Point base = mix(eye.inner, eye.outer, (u + 1) / 2);
  return {base.x, base.y - eye.upper * lid_profile(u) * (1 - eye.slant * u)};
}

Point lower_lid(const Eye& eye, double u) {
  const Point base = mix(eye.inner, eye.outer, (u + 1) / 2);
  return {base.x, base.y + eye.lower * lid_profile(u)};
}

Point mouth_line(const Mouth& mouth, double middle, double fullness, double t) {
  const Point corner = t < 0 ? mouth.left : mouth.right;
  const double chord = mouth.left.y + (mouth.right.y - mouth.left.y) * (t + 1) / 2;
  const double center = (mouth.left.y + mouth.right.y) / 2;
  const double share = 1 - std::pow(std::abs(t), fullness);
  return {mouth.center + (corner.x - mouth.center) * std::abs(t), chord + (middle - center) * share};
}

}  // namespace leaf::synthetic
