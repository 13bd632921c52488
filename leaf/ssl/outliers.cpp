#include "leaf/ssl/outliers.h"

#include <algorithm>
#include <limits>

#include "leaf/model/output.h"

namespace leaf {

torch::Tensor distance_to_labeled(const torch::Tensor& features, const torch::Tensor& labeled, int64_t neighbors) {
  const auto similarity = unit_length(features).mm(unit_length(labeled).t());  // [n, L]
  const int64_t k = std::min(neighbors, labeled.size(0));
  return 1 - std::get<0>(similarity.topk(k, 1)).mean(1);
}

OutlierFilterImpl::OutlierFilterImpl(int64_t labeled_faces, int64_t width, const OutlierOptions& options)
    : options_(options),
      labeled_(register_buffer("labeled", torch::zeros({labeled_faces, width}))),
      limit_(register_buffer("limit", torch::full({}, std::numeric_limits<double>::infinity()))) {}

void OutlierFilterImpl::fit(const torch::Tensor& labeled, const torch::Tensor& held_out) {
  const torch::NoGradGuard no_gradient;
  labeled_.copy_(labeled);
  const auto distances = distance_to_labeled(held_out.to(labeled_.options()), labeled_, options_.neighbors);
  limit_.copy_(options_.factor * distances.quantile(options_.quantile));
}

torch::Tensor OutlierFilterImpl::kept(const torch::Tensor& features) const {
  const torch::NoGradGuard no_gradient;
  const auto distances = distance_to_labeled(features.detach().to(labeled_.dtype()), labeled_, options_.neighbors);
  const int64_t n = distances.size(0), nearest = std::min(n, std::max<int64_t>(2, n / 4));
  if (n == 0) return torch::zeros({0}, distances.options().dtype(torch::kInt64));
  const auto quarter = std::get<0>(distances.kthvalue(nearest));
  return (distances <= torch::maximum(limit_, quarter)).nonzero().squeeze(1);
}

}  // namespace leaf
