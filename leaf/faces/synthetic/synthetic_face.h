#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/base/options.h"
#include "leaf/faces/image.h"

namespace leaf {

/// Which faces are drawn and how much they differ. The defaults are hard enough that ten labeled faces of a class do not
/// teach the task, and easy enough that all labels do.
struct SyntheticOptions {
  int64_t size = 48;       ///< height and width in pixels, 16…1024
  int64_t classes = 8;     ///< 7 leaves contempt out
  double blend = 0;        ///< share of the faces that show two expressions at once, 0…1
  uint64_t seed = 0;       ///< another seed, other people
  double weak = 0.1;       ///< share of the faces whose expression is faint, 0…1
  double variation = 0.5;  ///< of the action units from an expression's prototype, 0…1
  double identity = 0.5;   ///< of the shapes of faces, 0…1; hair, beards and skin always have their full range
  double pose = 0.7;       ///< of the head's angles, size and place, 0…1
  double light = 0.3;      ///< of the direction, tone and strength of the light, 0…1
  double color = 0.3;      ///< greatest saturation of a picture, 0 (gray, as FER2013's) … 1
  double noise = 0.3;      ///< blur and sensor noise, 0…1
  double glasses = 0.15;   ///< share of the faces with glasses, 0…1
  double occlusion = 0.1;  ///< share of the faces with something before them, 0…1
};

/// Names the options; the seed is left to the caller, who has one already.
void describe(Options& options, SyntheticOptions& synthetic);

struct SyntheticFace {
  Image image;
  int64_t label = 0;         ///< the expression shown most, index into synthetic_classes()
  std::vector<float> truth;  ///< [C], sums to 1: one-hot, or the shares of a blend
};

/// "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear" and, for 8, "contempt".
/// Throws UsageError for another number than 7 or 8.
std::vector<std::string> synthetic_classes(int64_t classes);

/// The label of face number `index`, and what it shows, as in SyntheticFace, without drawing it.
int64_t synthetic_label(const SyntheticOptions& options, int64_t index);
std::vector<float> synthetic_truth(const SyntheticOptions& options, int64_t index);

/// Face number `index` ≥ 0: a pure function of its arguments, whatever else is drawn and on however many threads.
/// Each block of C successive faces (0…C − 1, C…2C − 1, …) has every class once, in a random order. A blend shows its label
/// with a share of 0.5…0.8 and one other expression with the rest. Mirror images are equally likely.
/// Throws UsageError for options out of range.
SyntheticFace synthetic_face(const SyntheticOptions& options, int64_t index);

}  // namespace leaf
