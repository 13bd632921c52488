#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/faces/synthetic/options.h"
#include "leaf/pictures/image.h"

namespace leaf {

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

/// Face number `index` ≥ 0: a pure function of its arguments, whatever else is drawn and on however many threads. Each block
/// of C successive faces (0…C − 1, C…2C − 1, …) has every class once, in a random order. A blend shows its label with
/// a share of 0.5…0.8 and one other expression with the rest. Mirror images are equally likely. Throws UsageError for options
/// out of range.
SyntheticFace synthetic_face(const SyntheticOptions& options, int64_t index);

}  // namespace leaf
