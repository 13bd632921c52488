#include "leaf/ssl/class_shares.h"

namespace leaf {
namespace {

constexpr int kRounds = 200, kNewtonSteps = 100;
constexpr double kPriorPrecision = 2;
constexpr double kSpread = 0.01, kSettled = 1e-6, kRarestShare = 1e-9;
constexpr double kRarestLearned = 1e-3;  ///< stands for a class that hardly any labeled face has

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

torch::Tensor agreed_shift(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& expected) {
  const torch::NoGradGuard no_gradient;
  const auto given = logits.to(torch::kFloat64);
  const auto start = expected.to(torch::kFloat64) / 2;
  const int64_t classes = start.size(0);
  const auto counts = torch::bincount(labels, {}, classes).to(torch::kFloat64);
  auto shift = start.clone();
  for (int round = 0; round < kNewtonSteps && labels.size(0) > 0; ++round) {
    const auto p = (given + shift).softmax(1);
    const auto slope = counts - p.sum(0) - kPriorPrecision * (shift - start);
    const auto curvature = torch::diag(p.sum(0) + kPriorPrecision) - p.t().mm(p);
    auto step = at::linalg_solve(curvature, slope);
    shift += step.clamp(-1, 1);  // far from the top Newton's step may overshoot
    if (step.abs().max().item<double>() < kSettled) break;
  }
  return shift.to(expected.scalar_type());
}

torch::Tensor class_shift(const torch::Tensor& unlabeled, const torch::Tensor& learned, const torch::Tensor& validation,
                          const torch::Tensor& labels) {
  const torch::NoGradGuard no_gradient;
  const auto labeled = learned.clamp_min(kRarestLearned);
  const auto expected = (estimate_shares(unlabeled, labeled) / labeled).log();
  if (validation.defined()) return agreed_shift(validation, labels, expected);
  return agreed_shift(torch::zeros({0, expected.size(0)}), torch::zeros({0}, torch::kInt64), expected);
}

}  // namespace leaf
