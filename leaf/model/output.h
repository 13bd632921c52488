#pragma once

#include <torch/types.h>

namespace leaf {

/// Each row divided by its length; a row of zeros stays one. [n, D] -> [n, D].
inline torch::Tensor unit_length(const torch::Tensor& rows) { return rows / rows.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12); }

/// What the network says of n faces.
struct Output {
  torch::Tensor logits;     ///< [n, C], for the class shares that the model expects (ModelImpl::shift)
  torch::Tensor unshifted;  ///< [n, C], for those among the labels that it learns from; the same where nothing is shifted
  torch::Tensor features;   ///< [n, D], unit length unless that is switched off
  /// Scalar: how unevenly the gates of this pass use their experts, 0 without experts. The parts of one joint pass share it,
  /// so an objective takes the mean over its outputs, not the sum.
  torch::Tensor balance;
  torch::Tensor map;  ///< [n, D, h, w], what the encoder sees before pooling, in its own precision

  torch::Tensor probabilities() const { return logits.softmax(1); }
  /// The part for rows [begin, end).
  Output slice(int64_t begin, int64_t end) const {
    return {logits.slice(0, begin, end), unshifted.slice(0, begin, end), features.slice(0, begin, end), balance,
            map.slice(0, begin, end)};
  }
};

}  // namespace leaf
