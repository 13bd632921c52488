#include "leaf/faces/synthetic/synthetic_face.h"

#include <cmath>
#include <numeric>

#include "leaf/base/error.h"
#include "leaf/faces/synthetic/drawing.h"

namespace leaf {
namespace {

/// The addresses of a face's random streams.
enum Stream : uint64_t { kOrder, kFace, kBlend, kIntensity, kUnitsOf, kSecondUnits, kPerson, kPose, kScene, kClutter, kGlasses, kOcclusion, kCamera };

void check(const SyntheticOptions& options, int64_t index) {
  if (index < 0) fail_usage("a synthetic face has a number of 0 or more, not {}", index);
  if (options.size < 16 || options.size > 1024) fail_usage("synthetic faces have 16 to 1024 pixels a side, not {}", options.size);
  synthetic_classes(options.classes);
}

int64_t label_of(const SyntheticOptions& options, int64_t index) {
  std::vector<int64_t> order(options.classes);
  std::iota(order.begin(), order.end(), 0);
  Rng(options.seed).split(kOrder).split(index / options.classes).shuffle(order);
  return order[index % options.classes];
}

/// How strongly a face shows its expression.
double intensity(const SyntheticOptions& options, Rng rng) {
  return rng.chance(options.weak) ? rng.uniform(0.4, 0.7) : rng.uniform(0.7, 1);
}

ActionUnits draw_units(const SyntheticOptions& options, Rng rng, SyntheticFace& face) {
  const auto shown = [&](int64_t label, double strength, uint64_t stream) {
    return express(static_cast<Expression>(label), strength, options.variation, rng.split(stream));
  };
  Rng choice = rng.split(kBlend);
  const ActionUnits first = shown(face.label, intensity(options, rng.split(kIntensity)), kUnitsOf);
  face.truth.assign(options.classes, 0);
  if (!choice.chance(options.blend)) {
    face.truth[face.label] = 1;
    return first;
  }
  const int64_t other = (face.label + 1 + choice.below(options.classes - 1)) % options.classes;
  const auto share = static_cast<float>(choice.uniform(0.5, 0.8));
  face.truth[face.label] = share;
  face.truth[other] = 1 - share;
  return blend(first, share, shown(other, 1, kSecondUnits));
}

Light draw_light(const SyntheticOptions& options, Rng& rng) {
  Light light;
  const double azimuth = options.light * rng.uniform(-1.2, 1.2), height = 0.35 + options.light * rng.uniform(-0.5, 0.4);
  light.x = std::sin(azimuth) * std::cos(height);
  light.y = -std::sin(height);
  light.z = std::cos(azimuth) * std::cos(height);
  light.ambient = 0.65 + options.light * rng.uniform(-0.2, 0.2);
  return light;
}

}  // namespace

std::vector<std::string> synthetic_classes(int64_t classes) {
  std::vector<std::string> names{"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};
  if (classes != 7 && classes != 8) fail_usage("synthetic faces have 7 or 8 classes, not {}", classes);
  names.resize(classes);
  return names;
}

SyntheticFace synthetic_face(const SyntheticOptions& options, int64_t index) {
  check(options, index);
  SyntheticFace face;
  face.label = label_of(options, index);
  const Rng rng = Rng(options.seed).split(kFace).split(index);
  const ActionUnits units = draw_units(options, rng, face);
  const Identity person = random_identity(rng.split(kPerson), options.identity);
  const Landmarks places = landmarks(person, units);
  const Projection projection(random_pose(rng.split(kPose), options.pose), options.size);
  Rng scene = rng.split(kScene);
  const Light light = draw_light(options, scene);
  const double gaze_x = scene.uniform(-0.7, 0.7), gaze_y = scene.uniform(-0.7, 0.7);

  Canvas canvas(options.size);
  const Sketch sketch{canvas, projection, person, units, places, light};
  draw_background(canvas, rng.split(kClutter));
  draw_behind_head(sketch);
  draw_head(sketch);
  draw_wrinkles(sketch);
  draw_nose(sketch);
  draw_beard(sketch);
  draw_mouth(sketch);
  draw_eyes(sketch, {gaze_x, gaze_y});
  draw_brows(sketch);
  if (scene.chance(options.glasses)) draw_glasses(sketch, rng.split(kGlasses));
  draw_hair(sketch);
  if (scene.chance(options.occlusion)) draw_occlusion(sketch, rng.split(kOcclusion));
  take_picture(canvas, person.skin, {options.light, options.color, options.noise}, rng.split(kCamera));
  face.image = canvas.image();
  return face;
}

}  // namespace leaf
