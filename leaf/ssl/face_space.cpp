#include "leaf/ssl/face_space.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/linalg_svd.h>

#include <algorithm>

#include "leaf/batches/loader.h"
#include "leaf/model/output.h"

namespace leaf {
namespace {

constexpr int64_t kEigenfaces = 40, kSide = 16, kAtOnce = 256;

}  // namespace

FaceSpace::FaceSpace(const torch::Tensor& labeled) : mean_(labeled.mean(0, /*keepdim=*/true)) {
  eigenfaces_ = std::get<2>(at::linalg_svd(labeled - mean_, /*full_matrices=*/false)).slice(0, 0, kEigenfaces);
}

torch::Tensor FaceSpace::distance(const torch::Tensor& pictures) const {
  const auto difference = pictures - mean_;
  return (difference - difference.mm(eigenfaces_.t()).mm(eigenfaces_)).norm(2, 1);
}

torch::Tensor small_pictures(const Pool& pool, const ViewOptions& views) {
  const torch::NoGradGuard no_gradient;
  std::vector<torch::Tensor> parts = {torch::zeros({0, kSide * kSide})};
  for (int64_t begin = 0; begin < pool.size(); begin += kAtOnce) {
    const auto gray = plain_views(pool, begin, std::min(begin + kAtOnce, pool.size()), views).mean(1, /*keepdim=*/true);
    const auto small = torch::adaptive_avg_pool2d(gray, {kSide, kSide}).flatten(1);
    parts.push_back(unit_length(small - small.mean(1, /*keepdim=*/true)));
  }
  return torch::cat(parts);
}

Pool within_face_space(const Pool& unlabeled, const Pool& labeled, const Pool& validation, const ViewOptions& views,
                       const OutlierOptions& options) {
  const torch::NoGradGuard no_gradient;
  const FaceSpace space(small_pictures(labeled, views));
  const double limit =
      options.factor * space.distance(small_pictures(validation, views)).quantile(options.quantile).item<double>();
  const auto distances = space.distance(small_pictures(unlabeled, views));
  Pool result{unlabeled.dataset, {}};
  const auto* const distance = distances.data_ptr<float>();
  for (int64_t i = 0; i < unlabeled.size(); ++i) {
    if (distance[i] <= limit) result.rows.push_back(unlabeled.rows[i]);
  }
  if (result.rows.empty() && unlabeled.size() > 0) result.rows.push_back(unlabeled.rows[distances.argmin().item<int64_t>()]);
  return result;
}

}  // namespace leaf
