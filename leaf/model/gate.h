#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "leaf/model/options.h"

namespace leaf {

/// Which experts a gate gives to each of n faces.
struct Gating {
  torch::Tensor values;  ///< [n, K], ≥ 0; 0 for the experts that a face does not use
  torch::Tensor load;    ///< [K]: how many faces use each expert; while training a noisy gate, the expectation over its noise
};

/// Chooses experts (paper, section 3.2; noisy top-k gating of Shazeer et al., arXiv 1701.06538; docs/paper.md).
///   noisy_top_k   h = x·W_g + noise ⊙ (softplus(x·W_n) + 0.01) while training, x·W_g in evaluation; the k largest are kept
///   top_k         the same without noise
///   dense         softmax over all experts
/// A kept value is the softmax over the kept ones (`gate_value = kept`) or over all K (`all`, which has a gradient at k = 1).
/// W_g and W_n are [D, K] and start at zero. Throws UsageError when k > K.
class GateImpl : public torch::nn::Module {
 public:
  GateImpl(int64_t width, const AggregationOptions& options);

  /// x is [n, D]. `noise` [n, K] replaces the standard normal numbers of training, for tests.
  Gating forward(const torch::Tensor& x, const torch::Tensor& noise = {});

 private:
  bool noisy_, dense_, over_all_;
  int64_t top_k_;
  torch::Tensor w_gate_, w_noise_;
};
TORCH_MODULE(Gate);

/// 0.01 · (cv²(Σ_b values) + cv²(load)), a scalar, with cv²(v) = var(v, unbiased) / (mean(v)² + 1e-10), 0 for one expert:
/// small when the faces of a batch are spread evenly over the experts.
torch::Tensor balance_loss(const Gating& gating);

}  // namespace leaf
