#include "leaf/model/gate.h"

#include <algorithm>
#include <cmath>

#include "leaf/base/error.h"

namespace leaf {
namespace {

constexpr double kNoiseFloor = 0.01;

/// Φ, the distribution function of the standard normal distribution.
torch::Tensor normal_cdf(const torch::Tensor& x) { return 0.5 * (1 + torch::erf(x / std::sqrt(2.0))); }

/// Σ over faces of the probability, over new noise for expert j alone, that j is among the k largest: [K]. `top` [n, k + 1] are
/// the largest noisy logits: j must beat the (k+1)-th when it is among them now, else the k-th.
torch::Tensor expected_load(const torch::Tensor& clean, const torch::Tensor& noisy, const torch::Tensor& deviation,
                            const torch::Tensor& top) {
  const int64_t k = top.size(1) - 1;
  const auto when_in = top.slice(1, k, k + 1), when_out = top.slice(1, k - 1, k);
  const auto bar = torch::where(noisy > when_in, when_in, when_out);
  return normal_cdf((clean - bar) / deviation).sum(0);
}

torch::Tensor squared_variation(const torch::Tensor& values) {
  if (values.numel() < 2) return torch::zeros({}, values.options());
  return values.var(/*unbiased=*/true) / (values.mean().square() + 1e-10);
}

}  // namespace

GateImpl::GateImpl(int64_t width, const AggregationOptions& options)
    : noisy_(options.gate == "noisy_top_k"),
      dense_(options.gate == "dense"),
      over_all_(options.gate_value == "all"),
      top_k_(options.top_k) {
  const int64_t experts = options.experts;
  if (!dense_ && (top_k_ < 1 || top_k_ > experts)) {
    fail_usage("top_k must be from 1 to the number of experts, {}, not {}", experts, top_k_);
  }
  w_gate_ = register_parameter("w_gate", torch::zeros({width, experts}));
  if (noisy_) w_noise_ = register_parameter("w_noise", torch::zeros({width, experts}));
}

Gating GateImpl::forward(const torch::Tensor& x, const torch::Tensor& noise) {
  const auto clean = x.mm(w_gate_);  // [n, K]
  const int64_t experts = clean.size(1);
  if (dense_) {
    const auto values = clean.softmax(1);
    return {values, (values > 0).sum(0).to(values.dtype())};
  }
  const bool draws = noisy_ && is_training();
  torch::Tensor deviation, noisy = clean;
  if (draws) {
    deviation = torch::softplus(x.mm(w_noise_)) + kNoiseFloor;
    noisy = clean + (noise.defined() ? noise : torch::randn_like(clean)) * deviation;
  }
  const auto [top, order] = noisy.topk(std::min(top_k_ + 1, experts), 1);
  const auto kept = order.slice(1, 0, top_k_);
  const auto share = over_all_ ? noisy.softmax(1).gather(1, kept) : top.slice(1, 0, top_k_).softmax(1);
  const auto values = torch::zeros_like(clean).scatter(1, kept, share);
  if (draws && top_k_ < experts) return {values, expected_load(clean, noisy, deviation, top)};
  return {values, (values > 0).sum(0).to(values.dtype())};
}

torch::Tensor balance_loss(const Gating& gating) {
  return 0.01 * (squared_variation(gating.values.sum(0)) + squared_variation(gating.load));
}

}  // namespace leaf
