#include "leaf/model/kernels/folded.h"

#include <ATen/ops/_empty_affine_quantized.h>

#include <cmath>
#include <optional>
#include <utility>

#include "leaf/model/kernels/direct.h"
#include "leaf/model/kernels/onednn.h"
#include "leaf/model/kernels/tensors.h"

namespace leaf {
namespace {

using dnnl::memory;
using onednn::engine;
using onednn::type_of;
using torch::Tensor;

constexpr double kDeviations = 5;
constexpr size_t kMostCalls = 16;  ///< shapes of images that a layer keeps prepared; more start it anew

bool is_quantized(torch::ScalarType type) { return type == torch::kQInt8 || type == torch::kQUInt8; }
double scale_of(const Tensor& x) { return x.defined() && x.is_quantized() ? x.q_scale() : 0; }
double levels(torch::ScalarType type) { return type == torch::kQUInt8 ? 255 : 127; }

/// Undefined memory for images; with `scale` where the type has one.
Tensor empty_images(const memory::dims& shape, torch::ScalarType type, double scale) {
  const auto options = torch::TensorOptions().dtype(type);
  if (!is_quantized(type)) return torch::empty(shape, options, torch::MemoryFormat::ChannelsLast);
  return at::_empty_affine_quantized(shape, options, scale, 0, torch::MemoryFormat::ChannelsLast);
}

}  // namespace

struct FoldedConvolution::Call {
  memory::desc images, result;
  memory::dims shape;
  torch::ScalarType type;
  double scale;
  dnnl::convolution_forward run;
  memory::desc weight_order;
  onednn::Factors factors;
  Tensor weight, bias;
  std::optional<DirectConvolution> direct;  ///< instead of oneDNN's
};

FoldedConvolution::FoldedConvolution(const torch::nn::Conv2dImpl& convolution, const torch::nn::BatchNorm2dImpl& normalization,
                                     double slope)
    : slope_(slope), stride_(convolution.options.stride()->at(0)), padding_(convolution.weight.size(2) / 2) {
  const torch::NoGradGuard no_gradient;
  auto folding = fold(convolution, normalization);
  weight_ = std::move(folding.weight);
  bias_ = std::move(folding.bias);
  range_ = (normalization.bias.abs() + kDeviations * normalization.weight.abs()).max().item<double>();
}

FoldedConvolution::~FoldedConvolution() = default;

std::unique_ptr<FoldedConvolution::Call> FoldedConvolution::prepare(const Key& key) {
  auto call = std::make_unique<Call>();
  const bool quantized = is_quantized(key.type);
  const memory::dims w = weight_.sizes().vec();
  const auto size = [&](int i) { return (key.images[i] + 2 * padding_ - w[i]) / stride_ + 1; };
  call->shape = {key.images[0], w[0], size(2), size(3)};
  call->type = !quantized ? key.type : slope_ == 0 ? torch::kQUInt8 : torch::kQInt8;
  call->scale = quantized ? std::hypot(range_, key.added_scale * levels(key.added)) / levels(call->type) : 1;
  call->images = {key.images, type_of(key.type), memory::format_tag::nhwc};
  call->result = {call->shape, type_of(call->type), memory::format_tag::nhwc};
  const memory::desc own(w, memory::data_type::f32, memory::format_tag::oihw),
      bias({w[0]}, memory::data_type::f32, memory::format_tag::a);
  const memory::desc any(w, quantized ? memory::data_type::s8 : type_of(key.type), memory::format_tag::any);

  call->bias = bias_;
  if (key.type == torch::kBFloat16) {
    const auto rounded = weight_.to(torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast);
    const Shape shape{key.images, w, rounded.strides().vec(), /*bias=*/false, stride_, padding_, key.type};
    if (DirectConvolution::serves(shape, DirectConvolution::Pass::kForward)) {
      call->direct.emplace(shape, DirectConvolution::Pass::kForward);
      call->weight = call->direct->pack(rounded);
      return call;
    }
  }

  onednn::Factors into_8_bits;
  if (quantized) {
    const auto steps = weight_.abs().amax({1, 2, 3}).clamp_min(1e-12) / 127;  // of each output channel's weights
    into_8_bits = {1 / steps, DNNL_ARG_SRC};
    call->factors = {steps * (key.scale / call->scale), DNNL_ARG_WEIGHTS, 1};
    call->bias = (onednn::kFactorsOfBias ? bias_ / (steps * key.scale) : bias_ / call->scale).contiguous();
  }
  dnnl::primitive_attr how;
  call->factors.add_to(how);
  dnnl::post_ops behind;
  if (key.added != torch::ScalarType::Undefined) {
    behind.append_sum(quantized ? static_cast<float>(key.added_scale / call->scale) : 1.0F, 0,
                      quantized ? type_of(key.added) : memory::data_type::undef);
  }
  if (slope_ != 1) onednn::append_rectifier(behind, static_cast<float>(slope_));
  how.set_post_ops(behind);

  const memory::dims strides{stride_, stride_}, edges{padding_, padding_};
  const auto description =
      onednn::description<dnnl::convolution_forward>(how, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
                                                     call->images, any, bias, call->result, strides, edges, edges);
  call->run = dnnl::convolution_forward(description);
  call->weight_order = description.weights_desc();
  for (const auto& [other, known] : calls_) {  // one copy of the weights serves all shapes that want the same
    if (!known->direct && known->weight_order == call->weight_order) call->weight = known->weight;
  }
  if (!call->weight.defined()) {
    call->weight = onednn::buffer(call->weight_order);
    onednn::Reordering order(own, call->weight_order, into_8_bits);
    dnnl::stream stream(engine());
    order.needed() ? order.run(stream, weight_.data_ptr(), call->weight.data_ptr()) : static_cast<void>(call->weight = weight_);
  }
  return call;
}

Tensor FoldedConvolution::forward(const Tensor& x, const Tensor& added) {
  const Key key{x.sizes().vec(), x.scalar_type(), added.defined() ? added.scalar_type() : torch::ScalarType::Undefined,
                scale_of(x), scale_of(added)};
  auto found = calls_.find(key);
  if (found == calls_.end()) {
    if (calls_.size() >= kMostCalls) calls_.clear();
    found = calls_.emplace(key, prepare(key)).first;
  }
  const auto& call = *found->second;
  auto result = empty_images(added.defined() ? memory::dims{0, call.shape[1], call.shape[2], call.shape[3]} : call.shape,
                             call.type, call.scale);
  if (added.defined()) result.set_(added.storage(), added.storage_offset(), added.sizes(), added.strides());
  if (call.direct) {
    call.direct->run(x, call.weight, result, {call.bias.data_ptr<float>(), added.defined(), static_cast<float>(slope_)});
    return result;
  }
  dnnl::stream stream(engine());
  onednn::Arguments arguments{
      {DNNL_ARG_SRC, memory(call.images, engine(), x.data_ptr())},
      {DNNL_ARG_WEIGHTS, memory(call.weight_order, engine(), call.weight.data_ptr())},
      {DNNL_ARG_BIAS, memory({{call.shape[1]}, memory::data_type::f32, memory::format_tag::a}, engine(), call.bias.data_ptr())},
      {DNNL_ARG_DST, memory(call.result, engine(), result.data_ptr())}};
  call.factors.add_to(arguments);
  call.run.execute(stream, arguments);
  return result;
}

Folded::Folded(std::string precision, double largest) : precision_(std::move(precision)), largest_(largest) {}

Tensor Folded::input(const Tensor& images) const {
  const auto ordered = channels_last(images);
  if (precision_ == "float32") return ordered;
  const auto type = precision_ == "int8" ? torch::kQInt8 : torch::kBFloat16;
  const double scale = largest_ / levels(type);
  auto result = empty_images(images.sizes().vec(), type, scale);
  onednn::Factors factors;
  if (precision_ == "int8") factors = {torch::full({1}, 1 / scale, torch::kFloat32), DNNL_ARG_SRC};
  const memory::dims count{images.numel()};
  onednn::Reordering reordering({count, memory::data_type::f32, memory::format_tag::a},
                                {count, type_of(type), memory::format_tag::a}, factors);
  dnnl::stream stream(engine());
  reordering.run(stream, ordered.data_ptr(), result.data_ptr());
  return result;
}

FoldedConvolution& Folded::layer(const torch::nn::Conv2dImpl& convolution, const torch::nn::BatchNorm2dImpl& normalization,
                                 double slope) {
  const auto found = layers_.find(&convolution);
  return found != layers_.end() ? found->second
                                : layers_.try_emplace(&convolution, convolution, normalization, slope).first->second;
}

}  // namespace leaf
