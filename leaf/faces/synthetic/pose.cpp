#include "leaf/faces/synthetic/pose.h"

#include <cmath>

namespace leaf::synthetic {
namespace {

constexpr double kZoom = 1.25;     // half a picture in face units is 1 / kZoom: cheeks and chin fill it
constexpr Point kMiddle{0, 0.10};  // what is in the middle of the picture
constexpr double kDepth = 0.55;    // of the front of the head before its axis, face units

double depth(Point face, double width, double height) {
  const double u = face.x / width, v = face.y / height;
  return kDepth * std::sqrt(std::max(0.0, 1 - u * u - v * v));
}

}  // namespace

Pose random_pose(Rng rng, double range) {
  const auto vary = [&](double limit) {  // triangular: small angles are more frequent
    const double first = rng.uniform(-0.5, 0.5), second = rng.uniform(-0.5, 0.5);
    return range * limit * (first + second);
  };
  Pose pose;
  pose.roll = vary(0.26);
  pose.yaw = vary(0.5);
  pose.pitch = vary(0.3);
  pose.scale = 1 + vary(0.14);
  pose.shift = {vary(0.07), vary(0.07)};
  return pose;
}

Projection::Projection(const Pose& pose, int64_t size)
    : pose_(pose),
      unit_(0.5 * static_cast<double>(size) * kZoom * pose.scale),
      cos_roll_(std::cos(pose.roll)),
      sin_roll_(std::sin(pose.roll)),
      cos_yaw_(std::cos(pose.yaw)),
      sin_yaw_(std::sin(pose.yaw)),
      cos_pitch_(std::cos(pose.pitch)),
      sin_pitch_(std::sin(pose.pitch)),
      center_{(0.5 + pose.shift.x) * static_cast<double>(size), (0.5 + pose.shift.y) * static_cast<double>(size)} {}

Point Projection::operator()(Point face, double lift) const {
  const double z = depth(face, 0.86, 1.15) + lift;
  const double x = face.x * cos_yaw_ + z * sin_yaw_;
  const double after = z * cos_yaw_ - face.x * sin_yaw_;
  const double y = face.y * cos_pitch_ + (after - 0.3) * sin_pitch_;
  return center_ + rotate(Point{x, y} - kMiddle) * unit_;
}

Path Projection::operator()(const Path& face, double lift) const {
  Path path(face.size());
  for (size_t i = 0; i < face.size(); ++i) path[i] = (*this)(face[i], lift);
  return path;
}

Path Projection::outline(const Path& face) const {
  Path path(face.size());
  for (size_t i = 0; i < face.size(); ++i) {
    const double turn = 0.16 * sin_yaw_, nod = 0.12 * sin_pitch_;
    path[i] = center_ + rotate(Point{face[i].x * (0.6 + 0.4 * cos_yaw_) + turn, face[i].y + nod} - kMiddle) * unit_;
  }
  return path;
}

Point Projection::inverse(Point pixel) const {
  const Point moved = (pixel - center_) * (1 / unit_);
  return Point{moved.x * cos_roll_ + moved.y * sin_roll_, moved.y * cos_roll_ - moved.x * sin_roll_} + kMiddle;
}

}  // namespace leaf::synthetic
