#pragma once

#include "leaf/base/rng.h"
#include "leaf/faces/synthetic/raster.h"

namespace leaf::synthetic {

enum class Hair { none, cropped, fringe, parted, long_hair, curly, bun, scarf, cap };
enum class Beard { none, stubble, mustache, goatee, full };

/// What does not change with the expression. Lengths are in face units: the origin is between the eyes and the mouth, 1 is
/// about half the height of the head; y points down.
struct Identity {
  // shape
  double width = 1, length = 1;    ///< factors of the head's outline
  double jaw = 0.54, chin = 0.27;  ///< half widths at the mouth's and the chin's height
  double eye_distance = 0.32, eye_y = -0.16;
  double eye_width = 0.155, eye_height = 0.075;  ///< half the width; opening above and below together
  double eye_tilt = 0;                           ///< height of the outer over the inner corner, negative = higher
  double brow_y = -0.37, brow_slope = 0, brow_arch = 0.05, brow_length = 0.21, brow_thickness = 0.03;
  double nose_width = 0.13, nose_y = 0.2;
  double mouth_y = 0.5, mouth_width = 0.24;                ///< half the width
  double upper_lip = 0.05, lower_lip = 0.065, corner = 0;  ///< `corner`: resting height of the mouth's corners, up is negative
  double iris = 0.068;
  bool crease = true;  ///< of the upper lid
  double age = 0;      ///< 0 smooth … 1 deeply lined
  // color
  Tint skin, hair, lips, eyes;
  double lashes = 0.5;  ///< darkness of the lid's edge, 0…1
  double eye_shadow = 0;
  // hair
  Hair style = Hair::cropped;
  Tint cloth;              ///< of a scarf or cap
  double hairline = -0.6;  ///< y at the middle of the forehead
  double parting = 0;      ///< −1…1
  Beard beard = Beard::none;
};

/// A random person. `range` scales how far shapes are from the average, 0…1; colors always have their full range.
Identity random_identity(Rng rng, double range);

/// The color of skin: `melanin` 0 (very light) … 1 (very dark), `warmth` −1…1.
Tint skin_tone(double melanin, double warmth);

}  // namespace leaf::synthetic
