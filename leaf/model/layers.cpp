#include "leaf/model/layers.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>

#include <utility>

#include "leaf/base/error.h"
#include "leaf/model/kernels/convolution.h"
#include "leaf/model/kernels/folded.h"
#include "leaf/model/kernels/folding.h"
#include "leaf/model/kernels/gpu.h"
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

void record(const Pass& pass, LayerRecord layer) {
  if (pass.records != nullptr) pass.records->push_back(std::move(layer));
}

LayerRecord convolution_record(const torch::nn::Conv2dImpl& convolution, const Folding& folding, const torch::Tensor& x,
                               const torch::Tensor& added, const torch::Tensor& result, double slope) {
  return {.kind = LayerRecord::Kind::kConvolution,
          .x = x,
          .added = added,
          .result = result,
          .weight = folding.weight,
          .bias = folding.bias,
          .kernel = folding.weight.size(2),
          .stride = convolution.options.stride()->at(0),
          .padding = padding_of(convolution),
          .groups = convolution.options.groups(),
          .slope = slope};
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
    const auto stride = convolution->options.stride()->at(0), padding = padding_of(*convolution);
    y = x.is_cuda() ? gpu::convolve(x, weight, convolution->bias, stride, padding, slope, added)
                    : convolve(x, weight, convolution->bias, stride, padding, slope, added);
  } else {
    y = convolution(x);
    y = rectified(added.defined() ? y.add_(added) : y, slope);
  }
  count_operations(y, weight, pass);
  record(pass, convolution_record(*convolution, {weight, convolution->bias}, x, added, y, slope));
  return y;
}

torch::Tensor convolve_channels(torch::nn::Conv2d& convolution, const torch::Tensor& x, const Pass& pass) {
  refuse_8_bits(x);
  const auto& weight = convolution->weight;
  auto y = pass.fused ? torch::conv2d(x, weight.to(x.scalar_type()), {}, convolution->options.stride(), padding_of(*convolution),
                                      /*dilation=*/1, x.size(1))
                      : convolution(x);
  count_operations(y, weight, pass);
  record(pass, convolution_record(*convolution, {weight, {}}, x, {}, y, 1));
  return y;
}

torch::Tensor normalize(torch::nn::BatchNorm2d& normalization, const torch::Tensor& x, const Pass& pass, double slope,
                        const torch::Tensor& added) {
  auto& layer = *normalization;
  const bool gradient_in_evaluation = !layer.is_training() && torch::GradMode::is_enabled();
  if (!pass.fused || gradient_in_evaluation) {
    auto y = normalization(x);
    y = rectified(added.defined() ? y.add_(added) : y, slope);
    if (pass.records != nullptr) {
      const auto [factor, summand] = scaling_of(layer);
      record(pass, {.kind = LayerRecord::Kind::kScaling,
                    .x = x,
                    .added = added,
                    .result = y,
                    .weight = factor,
                    .bias = summand,
                    .slope = slope});
    }
    return y;
  }
  const Normalization how{
      layer.weight, layer.bias, layer.running_mean, layer.running_var, layer.options.eps(), layer.options.momentum().value(),
      slope};
  const bool on_gpu = x.is_cuda();
  if (!layer.is_training()) return on_gpu ? gpu::normalize_running(x, added, how) : normalize_running(x, added, how);
  const std::vector<int64_t> whole{x.size(0)};
  const auto& batches = pass.batches.empty() ? whole : pass.batches;
  const auto followed = std::min(pass.followed, batches.size());
  layer.num_batches_tracked += static_cast<int64_t>(followed);
  return on_gpu ? gpu::normalize_batches(x, added, how, batches, followed) : normalize_batches(x, added, how, batches, followed);
}

torch::Tensor convolve_and_normalize(torch::nn::Conv2d& convolution, torch::nn::BatchNorm2d& normalization,
                                     const torch::Tensor& x, const Pass& pass, double slope, const torch::Tensor& added) {
  if (pass.folded != nullptr) return pass.folded->layer(*convolution, *normalization, slope).forward(x, added);
  if (pass.records == nullptr) return normalize(normalization, convolve(convolution, x, pass), pass, slope, added);
  auto silent = pass;
  silent.records = nullptr;  // the two are one record
  auto y = convolve_and_normalize(convolution, normalization, x, silent, slope, added);
  record(pass, convolution_record(*convolution, fold(*convolution, *normalization), x, added, y, slope));
  return y;
}

torch::Tensor pool_largest(const torch::Tensor& x, const Pass& pass, int64_t padding) {
  auto y = pass.fused && x.is_cpu() ? pool_largest(x, padding) : torch::max_pool2d(x, 3, 2, padding);
  record(pass, {.kind = LayerRecord::Kind::kLargest, .x = x, .result = y, .kernel = 3, .stride = 2, .padding = padding});
  return y;
}

torch::Tensor pool_means(const torch::Tensor& x, const Pass& pass) {
  auto y = at::avg_pool2d(x, 2, 2);
  record(pass, {.kind = LayerRecord::Kind::kMeans, .x = x, .result = y, .kernel = 2, .stride = 2});
  return y;
}

torch::Tensor pad(const torch::Tensor& x, const Pass& pass, const std::array<int64_t, 6>& zeros) {
  auto y = at::constant_pad_nd(x, {zeros[2], zeros[5], zeros[1], zeros[4], zeros[0], zeros[3]});
  record(pass, {.kind = LayerRecord::Kind::kZeros, .x = x, .result = y, .zeros = zeros});
  return y;
}

torch::Tensor scale_channels(const torch::Tensor& x, const Pass& pass, const torch::Tensor& factor,
                             const torch::Tensor& summand) {
  const auto of_channels = [&](const torch::Tensor& numbers) { return numbers.view({1, -1, 1, 1}).to(x.device()); };
  auto y = torch::addcmul(of_channels(summand), x.to(torch::kFloat32), of_channels(factor)).to(x.scalar_type());
  record(pass, {.kind = LayerRecord::Kind::kScaling, .x = x, .result = y, .weight = factor, .bias = summand});
  return y;
}

torch::Tensor rectify(const torch::Tensor& x, const Pass& pass, double slope) {
  auto y = slope == 0 ? x.relu() : torch::leaky_relu(x, slope);
  record(pass, {.x = x, .result = y, .slope = slope});
  return y;
}

torch::Tensor add(torch::Tensor x, const torch::Tensor& added, const Pass& pass, double slope) {
  auto y = rectified(x.add_(added), slope);
  record(pass, {.x = x, .added = added, .result = y, .slope = slope});
  return y;
}

}  // namespace leaf
