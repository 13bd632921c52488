#include "leaf/views/rand_augment.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/views/augment.h"
#include "leaf/views/geometry.h"

namespace leaf {
namespace {

constexpr double kLargestCutout = 0.5;  // of the width

/// Operations without a magnitude, or on a borrowed face, in the one form of the table.
template <Image (*operation)(Image)>
Image plain(Image face, double) {
  return operation(std::move(face));
}

template <Image (*operation)(const Image&, double)>
Image moved(Image face, double value) {
  return operation(face, value);
}

Image unchanged(Image face) { return face; }

constexpr std::array<Operation, 14> kOperations = {{
    {"AutoContrast", 0, 0, plain<auto_contrast>},
    {"Brightness", 0.05, 0.95, brightness},
    {"Color", 0.05, 0.95, colorfulness},
    {"Contrast", 0.05, 0.95, contrast},
    {"Equalize", 0, 0, plain<equalize>},
    {"Identity", 0, 0, plain<unchanged>},
    {"Posterize", 4, 8, posterize},
    {"Rotate", -30, 30, moved<rotate>},
    {"Sharpness", 0.05, 0.95, sharpness},
    {"ShearX", -0.3, 0.3, moved<shear_x>},
    {"ShearY", -0.3, 0.3, moved<shear_y>},
    {"Solarize", 0, 256, solarize},
    {"TranslateX", -0.3, 0.3, moved<translate_x>},
    {"TranslateY", -0.3, 0.3, moved<translate_y>},
}};

}  // namespace

std::span<const Operation> operations() { return kOperations; }

std::vector<Operation> operations_without(std::string_view excluded) {
  std::vector<Operation> kept(kOperations.begin(), kOperations.end());
  if (trim(excluded).empty()) return kept;
  std::vector<std::string> known;
  for (const auto& operation : kOperations) known.emplace_back(operation.name);
  for (const auto& word : split_words(excluded, ',')) {
    const auto name = trim(word);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      fail_usage("views.exclude: unknown operation \"{}\"{}; known: {}", printable(name), did_you_mean(name, known), join(known));
    }
    std::erase_if(kept, [&](const Operation& operation) { return operation.name == name; });
  }
  if (kept.empty()) fail_usage("views.exclude leaves no operation to draw; for none set views.operations = 0");
  return kept;
}

Image rand_augment(Image face, std::span<const Operation> among, int64_t count, Rng& rng) {
  for (int64_t i = 0; i < count; ++i) {
    const auto& operation = among[rng.below(std::ssize(among))];
    face = operation.apply(std::move(face), rng.uniform(operation.low, operation.high));
  }
  return face;
}

Image random_cutout(Image face, Rng& rng) {
  const double fraction = rng.uniform(0, kLargestCutout);
  const double x = rng.uniform(0, static_cast<double>(face.width)), y = rng.uniform(0, static_cast<double>(face.height));
  return cutout(std::move(face), fraction, x, y);
}

}  // namespace leaf
