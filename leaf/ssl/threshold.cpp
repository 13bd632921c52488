#include "leaf/ssl/threshold.h"

#include <cmath>

namespace leaf {

torch::Tensor accept_above(const torch::Tensor& probabilities, double threshold) {
  return probabilities.detach().amax(1) >= threshold;
}

AdaptiveThresholdImpl::AdaptiveThresholdImpl(int64_t classes, const ThresholdOptions& options)
    : options_(options),
      tau_(register_buffer("tau", torch::full({classes}, options.kind == "fixed" ? options.value : options.initial))) {}

torch::Tensor AdaptiveThresholdImpl::accept(const torch::Tensor& probabilities) const {
  const auto [confidence, guess] = probabilities.detach().max(1);
  return confidence >= tau_.index_select(0, guess);
}

void AdaptiveThresholdImpl::update(const torch::Tensor& probabilities, const torch::Tensor& labels, int64_t epoch) {
  if (options_.kind == "fixed") return;
  const torch::NoGradGuard no_gradient;
  const auto [confidence, guess] = probabilities.to(tau_.options()).max(1);
  const auto right = guess == labels.to(guess.device());
  const auto classes = guess.masked_select(right);
  const auto sum = torch::zeros_like(tau_).index_add(0, classes, confidence.masked_select(right));
  const auto count = torch::zeros_like(tau_).index_add(0, classes, torch::ones(classes.sizes(), tau_.options()));
  const auto mean = sum / count.clamp_min(1);  // 0, and so the floor, for a class without a correct face
  tau_.copy_((mean * (options_.decay / (1 + std::exp(-static_cast<double>(epoch))))).clamp_min(options_.floor));
}

}  // namespace leaf
