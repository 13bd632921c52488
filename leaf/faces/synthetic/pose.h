#pragma once

#include "leaf/base/rng.h"
#include "leaf/faces/synthetic/raster.h"

namespace leaf::synthetic {

/// How a head is held before the camera.
struct Pose {
  double roll = 0, yaw = 0, pitch = 0;  ///< radians; roll is in the plane of the picture
  double scale = 1;                     ///< of the face
  Point shift;                          ///< of the face, shares of the picture
};

/// A random pose; `range` 1: roll up to about ±12°, yaw ±25°, pitch ±15°, scale ±10 %, shift ±6 %; 0 is frontal.
Pose random_pose(Rng rng, double range);

/// From face units (see Identity) to pixels of a square picture of `size`: weak perspective of points that lie on an
/// ellipsoid, `lift` above it.
class Projection {
 public:
  Projection(const Pose& pose, int64_t size);

  Point operator()(Point face, double lift = 0) const;
  Path operator()(const Path& face, double lift = 0) const;
  /// The same for the head's outline and hair, which turn less than what is on the front.
  Path outline(const Path& face) const;
  /// A vector in the plane of the face, without its foreshortening.
  Point vector(Point face) const { return rotate(face) * unit_; }
  /// The inverse of a frontal projection of the same roll, scale and shift.
  Point inverse(Point pixel) const;
  /// Pixels per face unit.
  double unit() const { return unit_; }
  const Pose& pose() const { return pose_; }

 private:
  Point rotate(Point point) const {
    return {point.x * cos_roll_ - point.y * sin_roll_, point.x * sin_roll_ + point.y * cos_roll_};
  }

  Pose pose_;
  double unit_, cos_roll_, sin_roll_, cos_yaw_, sin_yaw_, cos_pitch_, sin_pitch_;
  Point center_;
};

}  // namespace leaf::synthetic
