#include "leaf/model/kernels/gpu.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>

namespace leaf::gpu {
namespace {

using torch::Tensor;

/// rectifier(y + added), in the memory of y.
Tensor ended(Tensor y, const Tensor& added, double slope) {
  if (added.defined()) y.add_(added);
  if (slope == 1) return y;
  return slope == 0 ? y.relu_() : torch::leaky_relu_(y, slope);
}

}  // namespace

Tensor convolve(const Tensor& images, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding, double slope,
                const Tensor& added) {
  const auto type = images.scalar_type();
  return ended(at::conv2d(images, weight.to(type), bias.defined() ? bias.to(type) : bias, stride, padding), added, slope);
}

Tensor normalize_batches(const Tensor& x, const Tensor& added, const Normalization& how, const std::vector<int64_t>& batches,
                         size_t followed) {
  std::vector<Tensor> parts;
  for (const auto& part : x.split_with_sizes(batches)) {
    // A batch that the running statistics do not follow is normalized all the same.
    const bool follows = parts.size() < followed;
    parts.push_back(at::batch_norm(part, how.weight, how.bias, follows ? how.running_mean : Tensor(),
                                   follows ? how.running_variance : Tensor(), /*training=*/true, how.momentum, how.epsilon,
                                   /*cudnn_enabled=*/true));
  }
  return ended(parts.size() == 1 ? parts.front() : torch::cat(parts), added, how.slope);
}

Tensor normalize_running(const Tensor& x, const Tensor& added, const Normalization& how) {
  return ended(at::batch_norm(x, how.weight, how.bias, how.running_mean, how.running_variance, /*training=*/false, how.momentum,
                              how.epsilon, /*cudnn_enabled=*/true),
               added, how.slope);
}

}  // namespace leaf::gpu
