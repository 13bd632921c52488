#include "leaf/ssl/alignment.h"

namespace leaf {
namespace {

constexpr double kTiny = 1e-6;  ///< below any mean belief that matters

}  // namespace

torch::Tensor normalized(const torch::Tensor& values) {
  const auto sum = values.sum(-1, /*keepdim=*/true);
  return values / torch::where(sum > 0, sum, torch::ones_like(sum));
}

torch::Tensor align(const torch::Tensor& probabilities, const torch::Tensor& target, const torch::Tensor& mean) {
  return normalized(probabilities * (target / mean.clamp_min(kTiny)));
}

void update_mean(torch::Tensor& mean, const torch::Tensor& observation, double momentum) {
  const torch::NoGradGuard no_gradient;
  const auto moved = mean * momentum + observation * (1 - momentum);
  mean.copy_(torch::where(mean.isnan(), observation.to(mean.dtype()), moved));
}

}  // namespace leaf
