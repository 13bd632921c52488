#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "leaf/ssl/options.h"

namespace leaf {

/// Whether the largest probability of each face is at least `threshold`: [n, C] -> [n] bool.
torch::Tensor accept_above(const torch::Tensor& probabilities, double threshold);

/// One confidence threshold for each class, learned from how confident the network is where it is right (Ada-CM;
/// docs/paper.md, Training), or fixed. What it remembers is the buffer `tau` [C].
class AdaptiveThresholdImpl : public torch::nn::Module {
 public:
  explicit AdaptiveThresholdImpl(int64_t classes, const ThresholdOptions& options = {});

  /// Whether each face reaches the threshold of its most probable class: probabilities [n, C] -> [n] bool, no gradient. With
  /// `kind = fixed` every class's threshold is `value` and `update` changes nothing.
  torch::Tensor accept(const torch::Tensor& probabilities) const;

  /// New thresholds from the labeled faces: probabilities [n, C], labels [n] int64, epoch ≥ 1:
  /// τ_c = max(floor, decay · mean(largest probability of the faces of class c classified correctly) / (1 + exp(−epoch))),
  /// and the floor for a class without any.
  void update(const torch::Tensor& probabilities, const torch::Tensor& labels, int64_t epoch);

  const torch::Tensor& values() const { return tau_; }

 private:
  ThresholdOptions options_;
  torch::Tensor tau_;
};
TORCH_MODULE(AdaptiveThreshold);

}  // namespace leaf
