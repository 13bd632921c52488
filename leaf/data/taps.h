#pragma once

#include <cstdint>
#include <vector>

namespace leaf {

constexpr int kWeightBits = 32 - 8 - 2;  ///< of a weight; Pillow's PRECISION_BITS

struct Range {
  int64_t begin, size;
};

/// How a line of pixels is resized: for each output place, where its inputs start and their weights, `count` for each, which
/// together are 2²² but for their rounding (Pillow, Resample.c, bilinear). All inputs exist; the weights that are not needed are
/// 0.
struct Taps {
  int64_t count = 0;
  std::vector<int32_t> first;    ///< [places]
  std::vector<int32_t> weights;  ///< [places, count]

  /// For the places of `part` when a line of `input` pixels becomes one of `output`; all ≥ 1.
  Taps(int64_t input, int64_t output, Range part);

  /// The last place becomes the first.
  void mirror();
};

}  // namespace leaf
