#include "leaf/ssl/mixing.h"

#include <algorithm>

namespace leaf {

Mixture mixup(const torch::Tensor& views, const torch::Tensor& targets, double alpha) {
  const auto shares = torch::_sample_dirichlet(torch::full({2}, alpha));  // Beta(α, α) is its two-dimensional case
  const auto drawn = shares[0].item<double>();
  const double share = std::max(drawn, 1 - drawn);
  const auto order = torch::randperm(views.size(0), torch::kInt64).to(views.device());
  const auto mix = [&](const torch::Tensor& x) { return x * share + x.index_select(0, order) * (1 - share); };
  return {mix(views), mix(targets).detach()};
}

torch::Tensor turned(const torch::Tensor& views, const torch::Tensor& quarters) {
  auto result = torch::zeros_like(views);
  for (int64_t k = 0; k < 4; ++k) {
    const auto rows = (quarters == k).nonzero().squeeze(1);
    result = result.index_copy(0, rows, torch::rot90(views.index_select(0, rows), k, {2, 3}));
  }
  return result;
}

}  // namespace leaf
