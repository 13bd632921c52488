#include "leaf/ssl/class_shares.h"

namespace leaf {
namespace {

constexpr int kRounds = 200, kNewtonSteps = 100;
constexpr double kPriorPrecision = 2;  ///< of 1 / temperature around 1 and of each bias around 0
constexpr double kLeastSlope = 1e-2;   ///< of 1 / temperature
constexpr double kSpread = 0.01, kSettled = 1e-6, kRarestShare = 1e-9;
constexpr double kRarestLearned = 1e-3;  ///< stands for a class that hardly any labeled face has

}  // namespace

/// Newton's method on (1 / temperature, bias), in which the problem is convex.
Calibration calibrate(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::NoGradGuard no_gradient;
  const int64_t classes = logits.size(1);
  const auto x = logits.to(torch::kFloat64);
  const auto wanted = at::one_hot(labels, classes).to(torch::kFloat64);
  const auto start = torch::cat({torch::ones({1}, torch::kFloat64), torch::zeros({classes}, torch::kFloat64)});
  auto found = start.clone();
  for (int step = 0; step < kNewtonSteps && labels.size(0) > 0; ++step) {
    const auto p = (x * found[0] + found.slice(0, 1)).softmax(1);
    const auto off = wanted - p;  // of each logit
    const auto slope = torch::cat({(off * x).sum().view({1}), off.sum(0)}) - kPriorPrecision * (found - start);
    const auto mean = (p * x).sum(1, true);
    const auto mixed = (p * (x - mean)).sum(0);  // of the two kinds of parameters
    auto curvature = kPriorPrecision * torch::eye(classes + 1, torch::kFloat64);
    curvature[0][0] += (p * (x - mean).square()).sum();
    curvature[0].slice(0, 1) += mixed;
    curvature.select(1, 0).slice(0, 1) += mixed;
    curvature.slice(0, 1).slice(1, 1) += torch::diag(p.sum(0)) - p.t().mm(p);
    const auto move = at::linalg_solve(curvature, slope).clamp(-1, 1);  // far from the top Newton's step may overshoot
    found += move;
    found[0].clamp_min_(kLeastSlope);
    if (move.abs().max().item<double>() < kSettled) break;
  }
  return {1 / found[0].item<double>(), found.slice(0, 1).to(logits.scalar_type())};
}

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

torch::Tensor class_shift(const torch::Tensor& expected, const torch::Tensor& learned) {
  return (expected / learned.clamp_min(kRarestLearned)).log();
}

}  // namespace leaf
