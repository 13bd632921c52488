#pragma once

#include <array>

#include "leaf/faces/synthetic/action_units.h"
#include "leaf/faces/synthetic/identity.h"

namespace leaf::synthetic {

/// One brow: its middle line from the inner to the outer end, face units.
struct Brow {
  std::array<Point, 4> line;
};

/// One eye. Both openings are measured from the line between the corners.
struct Eye {
  Point inner, outer;           ///< the corners
  double upper = 0, lower = 0;  ///< how far the lids are from the line, at their middle
  double slant = 0;             ///< how much higher the upper lid's inner half is than its outer half, share
};

/// The mouth: two corners and the heights of four lines at its middle, from the top.
struct Mouth {
  Point left, right;  ///< corners, of the picture
  double center = 0;  ///< x of the middle
  double upper_outer = 0, upper_inner = 0, lower_inner = 0, lower_outer = 0;
  double open() const { return lower_inner - upper_inner; }
};

/// Where the parts of a face are, frontal, in face units (see Identity); the first of a pair is at the picture's left.
struct Landmarks {
  std::array<Brow, 2> brows;
  std::array<Eye, 2> eyes;
  Mouth mouth;
  Point nose;             ///< its tip
  double nose_width = 0;  ///< half the width of the wings
  double jaw = 0;         ///< how far the chin is below its place
};

/// What the action units make of a person's resting face.
Landmarks landmarks(const Identity& person, const ActionUnits& units);

/// The upper or lower lid, from the inner to the outer corner; `u` in −1…1.
Point upper_lid(const Eye& eye, double u);
Point lower_lid(const Eye& eye, double u);

/// A line of the mouth from the left corner (t = −1) to the right one (t = 1) that is at `middle` for t = 0; `fullness` 2
/// is a parabola, more is boxier.
Point mouth_line(const Mouth& mouth, double middle, double fullness, double t);

}  // namespace leaf::synthetic
