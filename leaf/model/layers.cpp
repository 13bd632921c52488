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

int64_t padding_of(const torch::nn::Conv2dImpl& convolution) {
  return (*get_if<torch::ExpandingArray<2>>(&convolution.options.padding()))->at(0);
}

void count_operations(const torch::Tensor& y, const torch::Tensor& weight, const Pass& pass) {
  if (pass.operations != nullptr) *pass.operations += 2.0 * static_cast<double>(y.numel() * weight.numel() / weight.size(0));
}

}  // namespace

void refuse_8_bits(const torch::Tensor& x) {
  if (!x.is_quantized()) return;
  fail_usage("this backbone has convolutions without a normalization behind them, which int8 needs; choose bfloat16 or float32");
}

torch::Tensor convolve(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass, double slope,
                       const torch::Tensor& added) {
  refuse_8_bits(x);
  const auto& weight = convolution->weight;
  torch::Tensor y;
  if (pass.fused) {
    y = convolve(x, weight, convolution->bias, convolution->options.stride()->at(0), padding_of(*convolution), slope, added);
  } else {
    y = convolution(x);
    y = rectified(added.defined() ? y.add_(added) : y, slope);
  }
  count_operations(y, weight, pass);
  return y;
}

torch::Tensor convolve_channels(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass) {
  refuse_8_bits(x);
  const auto& weight = convolution->weight;
  auto y = pass.fused ? torch::conv2d(x, weight.to(x.scalar_type()), {}, convolution->options.stride(), padding_of(*convolution),
                                      /*dilation=*/1, x.size(1))
                      : convolution(x);
  count_operations(y, weight, pass);
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

torch::Tensor pool_largest(const torch::Tensor& x, const Pass& pass, int64_t padding) {
  return pass.fused ? pool_largest(x, padding) : torch::max_pool2d(x, 3, 2, padding);
}

}  // namespace leaf
