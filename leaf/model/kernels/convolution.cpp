#include "leaf/model/kernels/convolution.h"

#include <torch/csrc/autograd/custom_function.h>

#include <map>
#include <memory>
#include <tuple>

#include "leaf/model/kernels/onednn.h"
#include "leaf/model/kernels/shape.h"
#include "leaf/model/kernels/tensors.h"
#include "leaf/model/kernels/turned.h"
#include "leaf/model/kernels/weight_gradient.h"

namespace leaf {
namespace {

using dnnl::memory;
using onednn::engine;
using onednn::Reordering;
using onednn::type_of;
using torch::Tensor;

constexpr size_t kMostShapes = 1024;  ///< whose prepared code is kept; batches of ever new sizes start it anew

/// The three passes for one shape, each prepared when it is first needed.
class Convolution {
 public:
  explicit Convolution(const Shape& shape) : shape_(shape) {
    const auto &x = shape.images, &w = shape.weight;
    output_ = shape.output();
    const auto type = type_of(shape.type);
    images_ = {x, type, memory::format_tag::nhwc};
    outputs_ = {output_, type, memory::format_tag::nhwc};
    own_weight_ = {w, type, shape.weight_strides};
    own_weight_gradient_ = {w, memory::data_type::f32, shape.weight_strides};
    bias_ = shape.bias ? memory::desc({w[0]}, memory::data_type::f32, memory::format_tag::a) : memory::desc();
    steps_ = {shape.stride, shape.stride};
    edges_ = {shape.padding, shape.padding};
    using Forward = dnnl::convolution_forward;
    const memory::desc any(w, type, memory::format_tag::any);
    forward_ = {{dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, images_, any, bias_, outputs_, steps_, edges_, edges_}, engine()};
    forward_weight_ = std::make_unique<Reordering>(own_weight_, forward_.weights_desc());
    run_forward_ = Forward(forward_);
    if (TurnedConvolution::is_faster_forward(shape)) turned_forward_ = std::make_unique<TurnedConvolution>(shape);
    if (TurnedConvolution::is_faster_backward(shape)) turned_backward_ = std::make_unique<TurnedConvolution>(shape);
  }

  Tensor forward(const Tensor& images, const Tensor& weight, const Tensor& bias) {
    auto result = torch::empty(output_, images.options(), torch::MemoryFormat::ChannelsLast);
    if (turned_forward_) {
      turned_forward_->forward(images, weight, result);
      return result;
    }
    Run run;
    run.add(DNNL_ARG_SRC, images_, images);
    run.add_weight(*forward_weight_, weight);
    if (shape_.bias) run.add(DNNL_ARG_BIAS, bias_, bias);
    run.add(DNNL_ARG_DST, outputs_, result);
    run.execute(run_forward_);
    return result;
  }

  Tensor image_gradient(const Tensor& gradient, const Tensor& weight) {
    using Backward = dnnl::convolution_backward_data;
    auto result = torch::empty(shape_.images, gradient.options(), torch::MemoryFormat::ChannelsLast);
    if (turned_backward_) {
      turned_backward_->backward(gradient, weight, result);
      return result;
    }
    if (!run_backward_data_) {
      const memory::desc any(shape_.weight, type_of(shape_.type), memory::format_tag::any);
      const Backward::primitive_desc description({dnnl::algorithm::convolution_direct, images_, any, outputs_, steps_, edges_, edges_}, engine(), forward_);
      backward_weight_ = std::make_unique<Reordering>(own_weight_, description.weights_desc());
      run_backward_data_ = Backward(description);
    }
    Run run;
    run.add(DNNL_ARG_DIFF_DST, outputs_, gradient);
    run.add_weight(*backward_weight_, weight);
    run.add(DNNL_ARG_DIFF_SRC, images_, result);
    run.execute(run_backward_data_);
    return result;
  }

  /// Of the weight and, where there is one, of the bias; float32.
  std::pair<Tensor, Tensor> weight_gradients(const Tensor& images, const Tensor& gradient) {
    using Backward = dnnl::convolution_backward_weights;
    if (WeightGradientProduct::is_faster(shape_)) {
      if (!product_) product_ = std::make_unique<WeightGradientProduct>(shape_);
      auto result = torch::empty_strided(shape_.weight, shape_.weight_strides, torch::kFloat32);
      product_->run(images, gradient, result);
      return {result, Tensor()};
    }
    if (!run_backward_weights_) {
      const memory::desc any(shape_.weight, memory::data_type::f32, memory::format_tag::any);
      const Backward::primitive_desc description({dnnl::algorithm::convolution_direct, images_, any, bias_, outputs_, steps_, edges_, edges_}, engine(), forward_);
      weight_gradient_ = std::make_unique<Reordering>(description.diff_weights_desc(), own_weight_gradient_);
      weight_gradient_order_ = description.diff_weights_desc();
      run_backward_weights_ = Backward(description);
    }
    auto result = torch::empty_strided(shape_.weight, shape_.weight_strides, torch::kFloat32);
    auto bias = shape_.bias ? torch::empty({shape_.weight[0]}, torch::kFloat32) : Tensor();
    auto ordered = result;
    if (weight_gradient_->needed()) ordered = torch::empty({static_cast<int64_t>(weight_gradient_order_.get_size() / sizeof(float))}, torch::kFloat32);
    Run run;
    run.add(DNNL_ARG_SRC, images_, images);
    run.add(DNNL_ARG_DIFF_DST, outputs_, gradient);
    run.add(DNNL_ARG_DIFF_WEIGHTS, weight_gradient_order_, ordered);
    if (shape_.bias) run.add(DNNL_ARG_DIFF_BIAS, bias_, bias);
    run.execute(run_backward_weights_);
    if (weight_gradient_->needed()) weight_gradient_->run(run.stream(), ordered.data_ptr(), result.data_ptr());
    return {result, bias};
  }

 private:
  /// One call of oneDNN with what it reads and writes.
  class Run {
   public:
    void add(int argument, const memory::desc& order, const Tensor& tensor) { arguments_.emplace(argument, memory(order, engine(), tensor.data_ptr())); }

    void add_weight(Reordering& reordering, const Tensor& weight) {
      weight_ = reordering.applied(stream_, weight);
      add(DNNL_ARG_WEIGHTS, reordering.to(), weight_);
    }

    void execute(const dnnl::primitive& primitive) { primitive.execute(stream_, arguments_); }
    dnnl::stream& stream() { return stream_; }

   private:
    dnnl::stream stream_{engine()};
    std::unordered_map<int, memory> arguments_;
    Tensor weight_;
  };

  Shape shape_;
  memory::dims output_, steps_, edges_;
  memory::desc images_, outputs_, own_weight_, own_weight_gradient_, bias_, weight_gradient_order_;
  dnnl::convolution_forward::primitive_desc forward_;
  std::unique_ptr<Reordering> forward_weight_, backward_weight_, weight_gradient_;
  dnnl::convolution_forward run_forward_;
  dnnl::convolution_backward_data run_backward_data_;
  dnnl::convolution_backward_weights run_backward_weights_;
  std::unique_ptr<WeightGradientProduct> product_;
  std::unique_ptr<TurnedConvolution> turned_forward_, turned_backward_;  // where those are quicker
};

/// The prepared convolution for these tensors, which have one type. Each thread has its own, since oneDNN's scratch memory belongs to one.
Convolution& prepared(const Tensor& images, const Tensor& weight, bool bias, int64_t stride, int64_t padding) {
  static thread_local std::map<Shape, Convolution> known;
  const Shape shape{images.sizes().vec(), weight.sizes().vec(), weight.strides().vec(), bias, stride, padding, images.scalar_type()};
  const auto found = known.find(shape);
  if (found != known.end()) return found->second;
  if (known.size() >= kMostShapes) known.clear();
  return known.try_emplace(shape, shape).first->second;
}

class ConvolutionFunction : public torch::autograd::Function<ConvolutionFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& images, const Tensor& weight, const MaybeTensor& bias, int64_t stride, int64_t padding) {
    const auto ordered = channels_last(images), rounded = weight.detach().to(images.scalar_type());
    context->save_for_backward({ordered, rounded});
    context->saved_data["bias"] = bias.has_value();
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    return prepared(ordered, rounded, bias.has_value(), stride, padding).forward(ordered, rounded, bias.value_or(Tensor()));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &images = saved[0], &weight = saved[1];
    const bool bias = context->saved_data["bias"].toBool();
    auto& convolution = prepared(images, weight, bias, context->saved_data["stride"].toInt(), context->saved_data["padding"].toInt());
    const auto gradient = channels_last(gradients[0]);
    Tensor of_images, of_weight, of_bias;
    if (context->needs_input_grad(0)) of_images = convolution.image_gradient(gradient, weight);
    if (context->needs_input_grad(1)) std::tie(of_weight, of_bias) = convolution.weight_gradients(images, gradient);
    return {of_images, of_weight, of_bias, Tensor(), Tensor()};
  }
};

}  // namespace

Tensor convolve(const Tensor& images, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding) {
  return ConvolutionFunction::apply(images, weight, bias.defined() ? MaybeTensor(bias) : c10::nullopt, stride, padding);
}

}  // namespace leaf
