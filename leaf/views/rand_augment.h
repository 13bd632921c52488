#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "leaf/base/rng.h"
#include "leaf/pictures/image.h"

namespace leaf {

/// One of the 14 operations of RandAugment (Cubuk et al., arXiv 1909.13719) with the range its magnitude is drawn from.
struct Operation {
  std::string_view name;  ///< "ShearX"
  double low, high;       ///< of the value given to `apply`; 0, 0 where it has no magnitude
  Image (*apply)(Image face, double value);
};

/// The 14, in alphabetical order (docs/paper.md, Training).
std::span<const Operation> operations();

/// The 14 without those that a list names ("Solarize,Posterize"; "" = all stay). Throws UsageError for an unknown name and when
/// none stays.
std::vector<Operation> operations_without(std::string_view excluded);

/// The face after `count` operations drawn with replacement from `among`, each with a uniform magnitude.
Image rand_augment(Image face, std::span<const Operation> among, int64_t count, Rng& rng);

/// The face with a cutout of a uniform fraction 0…0.5 of its width at a uniform place.
Image random_cutout(Image face, Rng& rng);

}  // namespace leaf
