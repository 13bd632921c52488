#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace leaf {

/// One layer that a pass went through in evaluation mode, in numbers: result = rectifier(layer(x) + added). So a network is told
/// to other programs (leaf/export) without being written down a second time.
struct LayerRecord {
  enum class Kind {
    kConvolution,  ///< `weight` [out, in / groups, k, k] and `bias` [out], with the normalization behind it folded into both
    kScaling,      ///< of each channel: x · weight + bias, both [C]
    kLargest,      ///< the largest of k × k pixels
    kMeans,        ///< the mean of k × k pixels
    kZeros,        ///< `zeros` around x
    kNothing       ///< x itself
  };
  Kind kind = Kind::kNothing;
  torch::Tensor x = {}, added = {}, result = {};  ///< [n, C, H, W]; `added` or undefined
  torch::Tensor weight = {}, bias = {};           ///< undefined where there are none
  int64_t kernel = 1, stride = 1, padding = 0, groups = 1;
  std::array<int64_t, 6> zeros{};  ///< before channels, rows and columns, then behind them
  double slope = 1;                ///< of the rectifier below 0: 0 is ReLU, 1 none
};

/// The layers of a pass in order. They keep their tensors, by which a layer's result is found again as the `x` or `added` of
/// later ones; a tensor that is changed in place is the latest of its results.
using LayerRecords = std::vector<LayerRecord>;

}  // namespace leaf
