#include "leaf/faces/synthetic/synthetic_face.h"

#include <numeric>

#include "leaf/base/error.h"
#include "leaf/faces/synthetic/portrait.h"

namespace leaf {
namespace {

/// The addresses of random streams: of a seed, and of a face.
enum SeedStream : uint64_t { kOrder, kFace };
enum FaceStream : uint64_t { kBlend, kIntensity, kFirst, kSecond, kPerson, kScene };

void check_address(const SyntheticOptions& options, int64_t index) {
  if (index < 0) fail_usage("a synthetic face has a number of 0 or more, not {}", index);
  if (options.classes != 7 && options.classes != 8) fail_usage("synthetic faces have 7 or 8 classes, not {}", options.classes);
}

void check(SyntheticOptions options) {
  Options described;
  describe(described, options);
  for (const Option& option : described.all()) {
    const auto* number = std::get_if<double*>(&option.value);
    const auto* integer = std::get_if<int64_t*>(&option.value);
    const double value = number ? **number : integer ? static_cast<double>(**integer) : option.low;
    if (!(value >= option.low && value <= option.high)) {  // so that NaN is refused, too
      fail_usage("synthetic faces need {} in {} to {}, not {}", option.key, option.low, option.high, value);
    }
  }
}

Rng stream_of(const SyntheticOptions& options, int64_t index) { return Rng(options.seed).split(kFace).split(index); }

/// What a face shows: one expression, or `share` of it and the rest of another.
struct Mixture {
  int64_t first = 0, second = 0;
  float share = 1;
};

Mixture mixture(const SyntheticOptions& options, int64_t index) {
  Mixture mixture;
  mixture.first = mixture.second = synthetic_label(options, index);
  Rng rng = stream_of(options, index).split(kBlend);
  if (!rng.chance(options.blend)) return mixture;
  mixture.second = (mixture.first + 1 + rng.below(options.classes - 1)) % options.classes;
  mixture.share = static_cast<float>(rng.uniform(0.5, 0.8));
  return mixture;
}

/// How strongly a face shows its expression.
double intensity(const SyntheticOptions& options, Rng rng) {
  return rng.chance(options.weak) ? rng.uniform(0.4, 0.7) : rng.uniform(0.7, 1);
}

synthetic::ActionUnits draw_units(const SyntheticOptions& options, const Mixture& mixture, const Rng& rng) {
  const auto shown = [&](int64_t label, double strength, uint64_t stream) {
    return synthetic::express(static_cast<synthetic::Expression>(label), strength, options.variation, rng.split(stream));
  };
  const auto first = shown(mixture.first, intensity(options, rng.split(kIntensity)), kFirst);
  if (mixture.share == 1) return first;
  return synthetic::blend(first, mixture.share, shown(mixture.second, 1, kSecond));
}

}  // namespace

std::vector<std::string> synthetic_classes(int64_t classes) {
  std::vector<std::string> names{"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};
  if (classes != 7 && classes != 8) fail_usage("synthetic faces have 7 or 8 classes, not {}", classes);
  names.resize(classes);
  return names;
}

int64_t synthetic_label(const SyntheticOptions& options, int64_t index) {
  check_address(options, index);
  std::vector<int64_t> order(options.classes);
  std::iota(order.begin(), order.end(), 0);
  Rng(options.seed).split(kOrder).split(index / options.classes).shuffle(order);
  return order[index % options.classes];
}

std::vector<float> synthetic_truth(const SyntheticOptions& options, int64_t index) {
  const Mixture shown = mixture(options, index);
  std::vector<float> truth(options.classes);
  truth[shown.second] = 1 - shown.share;
  truth[shown.first] = shown.share;
  return truth;
}

SyntheticFace synthetic_face(const SyntheticOptions& options, int64_t index) {
  check(options);
  const Mixture shown = mixture(options, index);
  const Rng rng = stream_of(options, index);
  const auto units = draw_units(options, shown, rng);
  const auto person = synthetic::random_identity(rng.split(kPerson), options.identity);
  return {synthetic::portrait(person, units, options, rng.split(kScene)), shown.first, synthetic_truth(options, index)};
}

}  // namespace leaf
