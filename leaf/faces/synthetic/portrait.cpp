#include "leaf/faces/synthetic/portrait.h"

#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

/// The addresses of a portrait's random streams.
enum Stream : uint64_t { kPose, kLight, kBackground, kGaze, kGlasses, kOcclusion, kCamera };

Light random_light(double range, Rng rng) {
  Light light;
  const double azimuth = range * rng.uniform(-1.2, 1.2), height = 0.35 + range * rng.uniform(-0.5, 0.4);
  light.x = std::sin(azimuth) * std::cos(height);
  light.y = -std::sin(height);
  light.z = std::cos(azimuth) * std::cos(height);
  light.ambient = 0.65 + range * rng.uniform(-0.2, 0.2);
  return light;
}

}  // namespace

Image portrait(const Identity& person, const ActionUnits& units, const SyntheticOptions& options, const Rng& rng) {
  const Landmarks face = landmarks(person, units);
  const Projection projection(random_pose(rng.split(kPose), options.pose), options.size);
  const Light light = random_light(options.light, rng.split(kLight));
  Rng gaze = rng.split(kGaze), glasses = rng.split(kGlasses), occlusion = rng.split(kOcclusion);
  const double sideways = gaze.uniform(-0.7, 0.7), upwards = gaze.uniform(-0.7, 0.7);

  Raster canvas(options.size);
  const Sketch sketch{canvas, projection, person, units, face, light};
  draw_background(canvas, rng.split(kBackground));
  draw_behind_head(sketch);
  draw_head(sketch);
  draw_wrinkles(sketch);
  draw_nose(sketch);
  draw_beard(sketch);
  draw_mouth(sketch);
  draw_eyes(sketch, {sideways, upwards});
  draw_brows(sketch);
  if (glasses.chance(options.glasses)) draw_glasses(sketch, glasses.split(0));
  draw_hair(sketch);
  if (occlusion.chance(options.occlusion)) draw_occlusion(sketch, occlusion.split(0));
  take_picture(canvas, person.skin, {options.light, options.color, options.noise}, rng.split(kCamera));
  return canvas.image();
}

}  // namespace leaf::synthetic
