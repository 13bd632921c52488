#pragma once

#include "leaf/base/rng.h"
#include "leaf/faces/synthetic/landmarks.h"
#include "leaf/faces/synthetic/pose.h"
#include "leaf/faces/synthetic/raster.h"

namespace leaf::synthetic {

/// Where the light comes from: a vector towards it (x right, y down, z to the camera), and how much of it is everywhere.
struct Light {
  double x = 0, y = -0.5, z = 0.85;
  double ambient = 0.6;  ///< 0…1
};

/// What all parts of a drawing need: what is drawn on, and what is drawn.
struct Sketch {
  Raster& canvas;
  const Projection& at;
  const Identity& person;
  const ActionUnits& units;
  const Landmarks& face;
  const Light& light;

  /// Fills a shape given in face units.
  void fill(const Path& shape, Tint color, double opacity = 1) const { canvas.fill(at(shape), color, opacity); }
  /// A line through points given in face units; half widths in face units.
  void line(const Path& points, double start, double middle, double end, Tint color, double opacity = 1) const;
  /// A soft spot of a × b face units that multiplies by `factor`.
  void spot(Point center, double a, double b, Tint factor, double lift = 0) const;
  void spot(Point center, double a, double b, double factor, double lift = 0) const {
    spot(center, a, b, Tint{1, 1, 1} * factor, lift);
  }
};

/// How much a camera changes a picture.
struct CameraOptions {
  double light = 1;  ///< of exposure, tone, contrast and vignette, 0…1
  double color = 1;  ///< the greatest saturation, 0 (all pictures gray) … 1
  double noise = 1;  ///< of blur and sensor noise, 0…1
};

// The parts, from back to front. Each is a function of its arguments only.
void draw_background(Raster& canvas, Rng rng);
void draw_behind_head(const Sketch& sketch);  ///< hair at the back, neck, shoulders
void draw_head(const Sketch& sketch);         ///< ears, skin and its shading
void draw_wrinkles(const Sketch& sketch);     ///< folds of age and of the action units
void draw_nose(const Sketch& sketch);
void draw_beard(const Sketch& sketch);
void draw_mouth(const Sketch& sketch);
void draw_eyes(const Sketch& sketch, Point gaze);  ///< `gaze` −1…1 in both directions
void draw_brows(const Sketch& sketch);
void draw_hair(const Sketch& sketch);
void draw_glasses(const Sketch& sketch, Rng rng);
/// A hand, a bar, a patch or a lock of hair before a part of the face.
void draw_occlusion(const Sketch& sketch, Rng rng);

/// What the camera adds: exposure (metered on the `skin`), color of the light, contrast, vignette, gray pictures, blur and noise.
void take_picture(Raster& canvas, Tint skin, const CameraOptions& options, Rng rng);

}  // namespace leaf::synthetic
