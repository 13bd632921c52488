#include "leaf/model/kernels/convolution.h"

#include <torch/csrc/autograd/custom_function.h>

#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "leaf/model/kernels/direct.h"
#include "leaf/model/kernels/normalization.h"
#include "leaf/model/kernels/onednn.h"
#include "leaf/model/kernels/shape.h"
#include "leaf/model/kernels/tensors.h"
#include "leaf/model/kernels/weight_gradient.h"

namespace leaf {
namespace {

using dnnl::memory;
using onednn::engine;
using onednn::Reordering;
using onednn::type_of;
using torch::Tensor;

constexpr size_t kMostShapes = 1024;  ///< whose prepared code is kept; batches of ever new sizes start it anew

/// The three passes for one shape: LEAF's own loops where they take it, else oneDNN, prepared when it is first needed.
class Convolution {
 public:
  explicit Convolution(const Shape& shape)
      : shape_(shape), output_(shape.output()), steps_{shape.stride, shape.stride}, edges_{shape.padding, shape.padding} {
    const auto type = type_of(shape.type);
    images_ = {shape.images, type, memory::format_tag::nhwc};
    outputs_ = {output_, type, memory::format_tag::nhwc};
    own_weight_ = {shape.weight, type, shape.weight_strides};
    bias_ = shape.bias ? memory::desc({shape.weight[0]}, memory::data_type::f32, memory::format_tag::a) : memory::desc();
    using Pass = DirectConvolution::Pass;
    if (DirectConvolution::serves(shape, Pass::kForward)) direct_forward_.emplace(shape, Pass::kForward);
    if (DirectConvolution::serves(shape, Pass::kImageGradient)) direct_gradient_.emplace(shape, Pass::kImageGradient);
    if (WeightGradient::serves(shape)) direct_weight_gradient_.emplace(shape);
  }

  Tensor forward(const Tensor& images, const Tensor& weight, const Tensor& bias, double slope, const Tensor& added) {
    if (direct_forward_) {  // which adds to what the result holds
      auto result = added.defined() ? added.clone() : empty_result(images);
      direct_forward_->run(images, direct_forward_->pack(weight), result,
                           {shape_.bias ? bias.data_ptr<float>() : nullptr, added.defined(), static_cast<float>(slope)});
      return result;
    }
    auto result = empty_result(images);
    if (!run_forward_) {
      forward_weight_ = std::make_unique<Reordering>(own_weight_, description().weights_desc());
      run_forward_ = dnnl::convolution_forward(description());
    }
    Run run;
    run.add(DNNL_ARG_SRC, images_, images);
    run.add_weight(*forward_weight_, weight);
    if (shape_.bias) run.add(DNNL_ARG_BIAS, bias_, bias);
    run.add(DNNL_ARG_DST, outputs_, result);
    run.execute(run_forward_);
    if (added.defined()) result.add_(added);
    if (slope != 1) slope == 0 ? result.relu_() : torch::leaky_relu_(result, slope);
    return result;
  }

  Tensor image_gradient(const Tensor& gradient, const Tensor& weight) {
    using Backward = dnnl::convolution_backward_data;
    auto result = torch::empty(shape_.images, gradient.options(), torch::MemoryFormat::ChannelsLast);
    if (direct_gradient_) {
      direct_gradient_->run(gradient, direct_gradient_->pack(weight), result);
      return result;
    }
    if (!run_backward_data_) {
      const memory::desc any(shape_.weight, type_of(shape_.type), memory::format_tag::any);
      const auto backward = onednn::backward_description<Backward>(description(), dnnl::algorithm::convolution_direct, images_,
                                                                   any, outputs_, steps_, edges_, edges_);
      backward_weight_ = std::make_unique<Reordering>(own_weight_, backward.weights_desc());
      run_backward_data_ = Backward(backward);
    }
    Run run;
    run.add(DNNL_ARG_DIFF_DST, outputs_, gradient);
    run.add_weight(*backward_weight_, weight);
    run.add(DNNL_ARG_DIFF_SRC, images_, result);
    run.execute(run_backward_data_);
    return result;
  }

  /// Float32.
  Tensor weight_gradient(const Tensor& images, const Tensor& gradient) {
    using Backward = dnnl::convolution_backward_weights;
    auto result = torch::empty_strided(shape_.weight, shape_.weight_strides, torch::kFloat32);
    if (direct_weight_gradient_) {
      direct_weight_gradient_->run(images, gradient, result);
      return result;
    }
    if (shape_.type == torch::kBFloat16 && shape_.stride > 1 &&
        shape_.images[3] == 1) {  // oneDNN 2.6 reads beyond such rows in bfloat16
      if (!in_float32_) in_float32_ = std::make_unique<Convolution>(shape_.in_float32());
      return in_float32_->weight_gradient(images.to(torch::kFloat32), gradient.to(torch::kFloat32));
    }
    if (!run_backward_weights_) {
      const memory::desc any(shape_.weight, memory::data_type::f32, memory::format_tag::any);
      const auto backward = onednn::backward_description<Backward>(description(), dnnl::algorithm::convolution_direct, images_,
                                                                   any, outputs_, steps_, edges_, edges_);
      weight_gradient_order_ = backward.diff_weights_desc();
      weight_gradient_ = std::make_unique<Reordering>(weight_gradient_order_,
                                                      memory::desc(shape_.weight, memory::data_type::f32, shape_.weight_strides));
      run_backward_weights_ = Backward(backward);
    }
    auto ordered = result;
    if (weight_gradient_->needed())
      ordered = torch::empty({static_cast<int64_t>(weight_gradient_order_.get_size() / sizeof(float))}, torch::kFloat32);
    Run run;
    run.add(DNNL_ARG_SRC, images_, images);
    run.add(DNNL_ARG_DIFF_DST, outputs_, gradient);
    run.add(DNNL_ARG_DIFF_WEIGHTS, weight_gradient_order_, ordered);
    run.execute(run_backward_weights_);
    if (weight_gradient_->needed()) weight_gradient_->run(run.stream(), ordered.data_ptr(), result.data_ptr());
    return result;
  }

 private:
  Tensor empty_result(const Tensor& images) const {
    return torch::empty(output_, images.options(), torch::MemoryFormat::ChannelsLast);
  }

  /// One call of oneDNN with what it reads and writes.
  class Run {
   public:
    void add(int argument, const memory::desc& order, const Tensor& tensor) {
      arguments_.emplace(argument, memory(order, engine(), tensor.data_ptr()));
    }

    void add_weight(Reordering& reordering, const Tensor& weight) {
      weight_ = reordering.applied(stream_, weight);
      add(DNNL_ARG_WEIGHTS, reordering.to(), weight_);
    }

    void execute(const dnnl::primitive& primitive) { primitive.execute(stream_, arguments_); }
    dnnl::stream& stream() { return stream_; }

   private:
    dnnl::stream stream_{engine()};
    onednn::Arguments arguments_;
    Tensor weight_;
  };

  /// The forward pass, which oneDNN wants to see for the gradients too.
  const dnnl::convolution_forward::primitive_desc& description() {
    if (!description_) {
      const memory::desc any(shape_.weight, type_of(shape_.type), memory::format_tag::any);
      description_ = onednn::description<dnnl::convolution_forward>({}, dnnl::prop_kind::forward_training,
                                                                    dnnl::algorithm::convolution_direct, images_, any, bias_,
                                                                    outputs_, steps_, edges_, edges_);
    }
    return description_;
  }

  const Shape shape_;
  const memory::dims output_, steps_, edges_;
  memory::desc images_, outputs_, own_weight_, bias_, weight_gradient_order_;
  std::optional<DirectConvolution> direct_forward_, direct_gradient_;
  std::optional<WeightGradient> direct_weight_gradient_;
  std::unique_ptr<Convolution> in_float32_;
  dnnl::convolution_forward::primitive_desc description_;
  std::unique_ptr<Reordering> forward_weight_, backward_weight_, weight_gradient_;
  dnnl::convolution_forward run_forward_;
  dnnl::convolution_backward_data run_backward_data_;
  dnnl::convolution_backward_weights run_backward_weights_;
};

/// The prepared convolution for these tensors, which have one type. Each thread has its own, since oneDNN's scratch memory
/// belongs to one.
Convolution& prepared(const Tensor& images, const Tensor& weight, bool bias, int64_t stride, int64_t padding) {
  static thread_local std::map<Shape, Convolution> known;
  const Shape shape{images.sizes().vec(), weight.sizes().vec(), weight.strides().vec(), bias, stride, padding,
                    images.scalar_type()};
  const auto found = known.find(shape);
  if (found != known.end()) return found->second;
  if (known.size() >= kMostShapes) known.clear();
  return known.try_emplace(shape, shape).first->second;
}

class ConvolutionFunction : public torch::autograd::Function<ConvolutionFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& images, const Tensor& weight,
                        const MaybeTensor& bias, const MaybeTensor& added, int64_t stride, int64_t padding, double slope) {
    const auto ordered = channels_last(images), rounded = weight.detach().to(images.scalar_type());
    auto y = prepared(ordered, rounded, bias.has_value(), stride, padding)
                 .forward(ordered, rounded, bias.value_or(Tensor()), slope, channels_last(added.value_or(Tensor())));
    context->save_for_backward({ordered, rounded, slope == 1 ? Tensor() : y});
    context->saved_data["bias"] = bias.has_value();
    context->saved_data["added"] = added.has_value();
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["slope"] = slope;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &images = saved[0], &weight = saved[1];
    const bool bias = context->saved_data["bias"].toBool();
    auto& convolution =
        prepared(images, weight, bias, context->saved_data["stride"].toInt(), context->saved_data["padding"].toInt());
    const double slope = context->saved_data["slope"].toDouble();
    auto gradient = channels_last(gradients[0]);
    Tensor of_images, of_weight, of_bias;
    if (bias || slope != 1) std::tie(gradient, of_bias) = behind_rectifier(gradient, saved[2], slope);
    if (context->needs_input_grad(0)) of_images = convolution.image_gradient(gradient, weight);
    if (context->needs_input_grad(1)) of_weight = convolution.weight_gradient(images, gradient);
    const auto of_added = context->saved_data["added"].toBool() ? gradient : Tensor();
    return {of_images, of_weight, bias ? of_bias : Tensor(), of_added, Tensor(), Tensor(), Tensor()};
  }
};

MaybeTensor maybe(const Tensor& tensor) { return tensor.defined() ? MaybeTensor(tensor) : c10::nullopt; }

}  // namespace

Tensor convolve(const Tensor& images, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding, double slope,
                const Tensor& added) {
  return ConvolutionFunction::apply(images, weight, maybe(bias), maybe(added), stride, padding, slope);
}

}  // namespace leaf
