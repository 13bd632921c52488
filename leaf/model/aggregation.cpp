#include "leaf/model/aggregation.h"

#include <cmath>
#include <limits>

namespace leaf {
namespace {

/// Sums whose logarithm is below this are rounded to zero: half the smallest positive number of the type.
double log_of_zero(torch::ScalarType type) { return std::log(2.0) * (type == torch::kDouble ? -1075 : -150); }

}  // namespace

torch::Tensor weighted_sum(const torch::Tensor& gates, const torch::Tensor& experts) {
  return gates.unsqueeze(1).bmm(experts).squeeze(1);
}

torch::Tensor log_sum_exp(const torch::Tensor& gates, const torch::Tensor& experts) {
  constexpr double kNothing = -std::numeric_limits<double>::infinity();
  // The clamp keeps the gradient of the logarithm of an unused gate from being 0 · ∞.
  const auto log_gates = gates.clamp_min(std::numeric_limits<float>::min()).log().masked_fill(gates == 0, kNothing);
  const auto joined = (log_gates.unsqueeze(2) + experts).logsumexp(1);
  const double epsilon = std::log(std::numeric_limits<double>::epsilon());
  return joined.masked_fill(joined < log_of_zero(joined.scalar_type()), epsilon);
}

AggregationImpl::AggregationImpl(int64_t width, const AggregationOptions& options)
    : options_(options),
      gate_(register_module("gate", Gate(width, options))),
      experts_(register_module("experts", Experts(width, options))) {}

torch::Tensor AggregationImpl::join(const torch::Tensor& gates, const torch::Tensor& experts) const {
  torch::Tensor weights = gates;
  if (options_.shared) {
    // Equal experts only see the sum of their gates. It is 1 unless the values come from a softmax over more than the kept
    // ones; saying so keeps rounding errors from becoming a gradient of the gate, which Adam would blow up to full steps.
    const bool always_one = options_.gate == "dense" || options_.gate_value == "kept";
    weights = always_one ? torch::ones({gates.size(0), 1}, gates.options()) : gates.sum(1, /*keepdim=*/true);
  }
  return options_.fusion == "log_sum_exp" ? log_sum_exp(weights, experts) : weighted_sum(weights, experts);
}

Aggregated AggregationImpl::forward(const torch::Tensor& x, const torch::Tensor& noise) {
  const auto gating = gate_(x, noise);
  return {join(gating.values, experts_(x)), gating, balance_loss(gating)};
}

}  // namespace leaf
