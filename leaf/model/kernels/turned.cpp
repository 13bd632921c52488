#include "leaf/model/kernels/turned.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace leaf {
namespace {

using dnnl::memory;
using onednn::engine;
using torch::Tensor;

constexpr int64_t kFewPixels = 16, kManyPixels = 36, kFewestChannels = 64;

bool turns(const Shape& shape) {
  const auto& w = shape.weight;
  return shape.type == torch::kBFloat16 && !shape.bias && shape.stride == 1 && w[2] == 3 && w[0] >= kFewestChannels && w[1] >= kFewestChannels && shape.has_channels_last_weights();
}

int64_t pixels(const Shape& shape) { return shape.images[2] * shape.images[3]; }

/// [out, k, k, in] with the places of each kernel in reverse.
Tensor turned(const Tensor& weight) {
  auto result = torch::empty_like(weight);
  const int64_t out = weight.size(0), in = weight.size(1), places = weight.size(2) * weight.size(3);
  const auto* const from = static_cast<const uint16_t*>(weight.data_ptr());
  auto* const to = static_cast<uint16_t*>(result.data_ptr());
  at::parallel_for(0, out, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin * places; row < end * places; ++row) {
      const int64_t first = row / places * places;
      std::copy_n(from + row * in, in, to + (first + places - 1 - (row - first)) * in);
    }
  });
  return result;
}

const memory::dims kSteps{1, 1};

}  // namespace

bool TurnedConvolution::is_faster_forward(const Shape& shape) { return turns(shape) && pixels(shape) <= kFewPixels; }
bool TurnedConvolution::is_faster_backward(const Shape& shape) { return turns(shape) && pixels(shape) > kManyPixels; }

TurnedConvolution::TurnedConvolution(const Shape& shape) : edges_{shape.padding, shape.padding} {
  const auto &w = shape.weight, &s = shape.weight_strides;
  const auto type = onednn::type_of(shape.type);
  images_ = {shape.images, type, memory::format_tag::nhwc};
  outputs_ = {shape.output(), type, memory::format_tag::nhwc};
  const memory::dims exchanged{w[1], w[0], w[2], w[3]};
  turned_ = {exchanged, type, memory::dims{s[1], s[0], s[2], s[3]}};
  any_ = {exchanged, type, memory::format_tag::any};
}

TurnedConvolution::Pass TurnedConvolution::prepare_backward() const {
  const dnnl::convolution_forward::primitive_desc description(
      {dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, outputs_, any_, images_, kSteps, edges_, edges_}, engine());
  return {{turned_, description.weights_desc()}, dnnl::convolution_forward(description)};
}

TurnedConvolution::Pass TurnedConvolution::prepare_forward() const {
  const dnnl::convolution_forward::primitive_desc hint(
      {dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, outputs_, any_, images_, kSteps, edges_, edges_}, engine());
  const dnnl::convolution_backward_data::primitive_desc description({dnnl::algorithm::convolution_direct, outputs_, any_, images_, kSteps, edges_, edges_}, engine(), hint);
  return {{turned_, description.weights_desc()}, dnnl::convolution_backward_data(description)};
}

void TurnedConvolution::forward(const Tensor& images, const Tensor& weight, Tensor& result) {
  if (!forward_) forward_.emplace(prepare_forward());
  dnnl::stream stream(engine());
  const auto reordered = forward_->weights.applied(stream, turned(weight));
  forward_->run.execute(stream, {{DNNL_ARG_DIFF_DST, memory(images_, engine(), images.data_ptr())},
                                 {DNNL_ARG_WEIGHTS, memory(forward_->weights.to(), engine(), reordered.data_ptr())},
                                 {DNNL_ARG_DIFF_SRC, memory(outputs_, engine(), result.data_ptr())}});
}

void TurnedConvolution::backward(const Tensor& gradient, const Tensor& weight, Tensor& result) {
  if (!backward_) backward_.emplace(prepare_backward());
  dnnl::stream stream(engine());
  const auto reordered = backward_->weights.applied(stream, turned(weight));
  backward_->run.execute(stream, {{DNNL_ARG_SRC, memory(outputs_, engine(), gradient.data_ptr())},
                                  {DNNL_ARG_WEIGHTS, memory(backward_->weights.to(), engine(), reordered.data_ptr())},
                                  {DNNL_ARG_DST, memory(images_, engine(), result.data_ptr())}});
}

}  // namespace leaf
