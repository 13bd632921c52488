#pragma once

#include <torch/torch.h>

namespace leaf {

/// What the network says of n faces.
struct Output {
  torch::Tensor logits;    ///< [n, C]
  torch::Tensor features;  ///< [n, D], unit length unless that is switched off

  torch::Tensor probabilities() const { return logits.softmax(1); }
  /// The part for rows [begin, end).
  Output slice(int64_t begin, int64_t end) const { return {logits.slice(0, begin, end), features.slice(0, begin, end)}; }
};

}  // namespace leaf
