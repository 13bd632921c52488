#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "leaf/model/experts.h"
#include "leaf/model/gate.h"

namespace leaf {

/// Σ_j gates_j · experts_j: gates [n, K], experts [n, K, D] -> [n, D] (the paper's figure).
torch::Tensor weighted_sum(const torch::Tensor& gates, const torch::Tensor& experts);

/// log Σ_j gates_j · exp(experts_j), the same shapes (the authors' code), without overflow. Where the authors' sum is zero in
/// this precision it becomes the double epsilon before the logarithm, as theirs does: the result is −36.04, without gradient.
torch::Tensor log_sum_exp(const torch::Tensor& gates, const torch::Tensor& experts);

/// What one level makes of a batch.
struct Aggregated {
  torch::Tensor output;   ///< [n, D]
  Gating gating;          ///< which experts were used
  torch::Tensor balance;  ///< scalar, see balance_loss()
};

/// The semantic or the instance level: experts decouple a vector, and a gate joins those that matter for its expression
/// (paper, sections 3.2 and 3.3; docs/paper.md). Parameters: `gate.…` and `experts.…`.
class AggregationImpl : public torch::nn::Module {
 public:
  AggregationImpl(int64_t width, const AggregationOptions& options);

  /// x is [n, D]; `noise` as in Gate.
  Aggregated forward(const torch::Tensor& x, const torch::Tensor& noise = {});

 private:
  torch::Tensor join(const torch::Tensor& gates, const torch::Tensor& experts) const;

  AggregationOptions options_;
  Gate gate_{nullptr};
  Experts experts_{nullptr};
};
TORCH_MODULE(Aggregation);

}  // namespace leaf
