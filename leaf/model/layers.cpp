#include "leaf/model/layers.h"

#include "leaf/base/error.h"
#include "leaf/model/kernels/convolution.h"
#include "leaf/model/kernels/folded.h"
#include "leaf/model/kernels/normalization.h"
#include "leaf/model/kernels/pooling.h"

namespace leaf {
namespace {

torch::Tensor rectified(torch::Tensor x, double slope) {
  if (slope == 1) return x;
  return slope == 0 ? x.relu_() : torch::leaky_relu_(x, slope);
}

}  // namespace

torch::Tensor convolve(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass) {
  if (x.is_quantized())
    fail_usage(
        "this backbone has convolutions without a normalization behind them, which int8 needs; choose bfloat16 or float32");
  const auto& weight = convolution->weight;
  auto y = pass.fused
               ? convolve(x, weight, convolution->bias, convolution->options.stride()->at(0), /*padding=*/weight.size(2) / 2)
               : convolution(x);
  if (pass.operations != nullptr) *pass.operations += 2.0 * static_cast<double>(y.numel() * weight.numel() / weight.size(0));
  return y;
}

torch::Tensor normalize(torch::nn::BatchNorm2d& normalization, const torch::Tensor& x, const Pass& pass, double slope,
                        const torch::Tensor& added) {
  auto& layer = *normalization;
  const bool gradient_in_evaluation = !layer.is_training() && torch::GradMode::is_enabled();
  if (!pass.fused || gradient_in_evaluation) {
    auto y = normalization(x);
    return rectified(added.defined() ? y.add_(added) : y, slope);
  }
  const Normalization how{
      layer.weight, layer.bias, layer.running_mean, layer.running_var, layer.options.eps(), layer.options.momentum().value(),
      slope};
  if (!layer.is_training()) return normalize_running(x, added, how);
  const std::vector<int64_t> whole{x.size(0)};
  const auto& batches = pass.batches.empty() ? whole : pass.batches;
  const auto followed = std::min(pass.followed, batches.size());
  layer.num_batches_tracked += static_cast<int64_t>(followed);
  return normalize_batches(x, added, how, batches, followed);
}

torch::Tensor convolve_and_normalize(torch::nn::Conv2d& convolution, torch::nn::BatchNorm2d& normalization,
                                     const torch::Tensor& x, const Pass& pass, double slope, const torch::Tensor& added) {
  if (pass.folded != nullptr) return pass.folded->layer(*convolution, *normalization, slope).forward(x, added);
  return normalize(normalization, convolve(convolution, x, pass), pass, slope, added);
}

torch::Tensor pool_largest(const torch::Tensor& x, const Pass& pass) {
  return pass.fused ? pool_largest(x) : torch::max_pool2d(x, 3, 2, 1);
}

}  // namespace leaf
