#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "leaf/model/layer_record.h"

namespace leaf {

class Folded;

/// How a pass through the encoder computes.
struct Pass {
  /// By LEAF's own kernels (kernels/) rather than libtorch's layers.
  bool fused = false;
  /// Images of each batch that has batch statistics of its own, in order; empty: all are one batch. Needs `fused`.
  std::vector<int64_t> batches;
  /// So many of the batches, the first ones, move the running statistics.
  size_t followed = SIZE_MAX;
  /// Where not null, the convolutions' operations (a multiplication and an addition are two) are added to it.
  double* operations = nullptr;
  /// Layers prepared to predict (kernels/folded.h), or none.
  Folded* folded = nullptr;
  /// Where not null, each layer is added to it. Only in evaluation mode, with neither `fused` nor `folded`.
  LayerRecords* records = nullptr;
};

}  // namespace leaf
