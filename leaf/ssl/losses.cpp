#include "leaf/ssl/losses.h"

#include <algorithm>
#include <limits>

namespace leaf {

torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& targets) {
  const auto log_probabilities = logits.log_softmax(1);
  if (targets.dim() == 1) return -log_probabilities.gather(1, targets.unsqueeze(1)).squeeze(1);
  // A class without probability must not count, even where the other is infinitely unlikely: 0 · ∞ is no number.
  return -(targets * log_probabilities).masked_fill(targets == 0, 0).sum(1);
}

torch::Tensor masked_mean(const torch::Tensor& values, const torch::Tensor& mask) {
  if (values.numel() == 0) return values.sum();
  if (mask.scalar_type() == torch::kBool) return values.masked_fill(~mask, 0).mean();
  return (values * mask).mean();
}

torch::Tensor contrast(const torch::Tensor& first, const torch::Tensor& second, const torch::Tensor& mask, double temperature) {
  const int64_t n = first.size(0);
  if (n == 0) return first.sum() + second.sum();                              // 0, still a function of the features
  const auto features = torch::cat({first, second});                          // [2n, D]
  auto left_out = torch::eye(2 * n, features.options().dtype(torch::kBool));  // no feature is compared with itself
  torch::Tensor counted;                                                      // [2n]
  if (mask.defined()) {
    // Faces are left out by what they are compared with, not by taking rows: how many these are, a GPU would have to be asked.
    // The rows of faces that are left out stay whole, since a row of -∞ alone has no softmax.
    counted = torch::cat({mask, mask});
    left_out = left_out | (counted.unsqueeze(1) & ~counted.unsqueeze(0));
  }
  const auto similarity =
      (features.mm(features.t()) / temperature).masked_fill(left_out, -std::numeric_limits<double>::infinity());
  const auto other = torch::arange(2 * n, features.options().dtype(torch::kLong)).roll(n);
  const auto losses = cross_entropy(similarity, other);
  if (!counted.defined()) return losses.mean();
  return losses.masked_fill(~counted, 0).sum() / counted.sum().clamp_min(1);
}

torch::Tensor deviation_shortfall(const torch::Tensor& embeddings) {
  constexpr double kEpsilon = 1e-4;  // the root has no slope at 0
  return (1 - (embeddings.var(0) + kEpsilon).sqrt()).relu().mean();
}

torch::Tensor redundancy(const torch::Tensor& embeddings) {
  const auto centered = embeddings - embeddings.mean(0);
  const auto covariance = centered.t().mm(centered) / (embeddings.size(0) - 1);
  return (covariance.square().sum() - covariance.diagonal().square().sum()) / embeddings.size(1);
}

torch::Tensor sharpen(const torch::Tensor& probabilities, double temperature) {
  return (probabilities.clamp_min(std::numeric_limits<float>::min()).log() / temperature).softmax(1);
}

torch::Tensor divergence(const torch::Tensor& logits, const torch::Tensor& targets) {
  return cross_entropy(logits, targets) + torch::xlogy(targets, targets).sum(1);
}

torch::Tensor entropy(const torch::Tensor& logits) {
  const auto log_probabilities = logits.log_softmax(1);
  return -(log_probabilities.exp() * log_probabilities).sum(1);
}

torch::Tensor squared_error(const torch::Tensor& probabilities, const torch::Tensor& targets) {
  return (probabilities - targets).square().mean(1);
}

double linear_ramp(int64_t step, int64_t total, double fraction) {
  const double length = fraction * static_cast<double>(total);
  return length <= 0 ? 1 : std::clamp(static_cast<double>(step) / length, 0.0, 1.0);
}

}  // namespace leaf
