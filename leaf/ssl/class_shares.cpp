#include "leaf/ssl/class_shares.h"

#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

constexpr int kRounds = 200;
constexpr double kSpread = 0.01, kSettled = 1e-6, kRarestShare = 1e-9;

}  // namespace

torch::Tensor estimate_shares(const torch::Tensor& logits, const torch::Tensor& labeled) {
  const torch::NoGradGuard no_gradient;
  const auto start = labeled.to(torch::kFloat64).clamp_min(kRarestShare);
  if (logits.size(0) == 0) return labeled;
  const auto given = logits.to(torch::kFloat64) - start.log();  // log-likelihoods, up to a number for each face
  auto shares = start;
  for (int round = 0; round < kRounds; ++round) {
    const auto next = (1 - kSpread) * (given + shares.log()).softmax(1).mean(0) + kSpread / static_cast<double>(logits.size(1));
    const bool settled = (next - shares).abs().max().item<double>() < kSettled;
    shares = next;
    if (settled) break;
  }
  return shares.to(labeled.scalar_type());
}

double agreed_weight(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& shift) {
  constexpr int kParts = 8;
  double best = 0, least = 0;
  for (int part = 0; part <= kParts && labels.size(0) > 0; ++part) {
    const double weight = static_cast<double>(part) / kParts;
    const double loss = cross_entropy(logits + weight * shift, labels).mean().item<double>();
    if (part > 0 && loss >= least) continue;
    best = weight;
    least = loss;
  }
  return best;
}

}  // namespace leaf
