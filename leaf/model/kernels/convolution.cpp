#include "leaf/model/kernels/convolution.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "leaf/model/kernels/onednn.h"
#include "leaf/model/kernels/tensors.h"

namespace leaf {
namespace {

using dnnl::memory;
using onednn::engine;
using onednn::Reordering;
using onednn::type_of;
using torch::Tensor;

constexpr int64_t kFewPixels = 16, kManyPixels = 36;  ///< of a map; oneDNN 2.6 on AVX-512
constexpr size_t kMostShapes = 1024;  ///< whose prepared code is kept; batches of ever new sizes start it anew

/// What oneDNN's code depends on.
struct Shape {
  std::vector<int64_t> images, weight, weight_strides;
  bool bias;
  int64_t stride, padding;
  torch::ScalarType type;

  auto operator<=>(const Shape&) const = default;
};

bool has_channels_last_weights(const Shape& shape) {
  const auto& w = shape.weight;
  return shape.weight_strides == std::vector<int64_t>{w[1] * w[2] * w[3], 1, w[3] * w[1], w[1]};
}

/// The weights' gradient as one matrix product: [out, pixels] × [pixels, k · k · in], which lies in memory as weights in
/// channels-last order do. The right matrix, the pixels under the kernel at each place, is written out, so it has to be small.
class WeightGradientProduct {
 public:
  WeightGradientProduct(const Shape& shape, const memory::dims& output)
      : shape_(shape), output_(output), pixels_(output[0] * output[2] * output[3]), columns_(shape.weight[1] * shape.weight[2] * shape.weight[3]) {
    const int64_t out = shape.weight[0];
    const auto type = type_of(shape.type);
    gradient_ = {{out, pixels_}, type, memory::dims{1, out}};
    patches_ = {{pixels_, columns_}, type, memory::dims{columns_, 1}};
    result_ = {{out, columns_}, memory::data_type::f32, memory::dims{columns_, 1}};
    run_ = dnnl::matmul({{gradient_, patches_, result_}, engine()});
  }

  /// Where oneDNN's own way is slow: maps of few pixels under many weights, in bfloat16, weights in channels-last order.
  static bool is_faster(const Shape& shape, const memory::dims& output) {
    const auto& w = shape.weight;
    return shape.type == torch::kBFloat16 && !shape.bias && has_channels_last_weights(shape) && w[2] > 1 && w[1] >= 32 && output[2] * output[3] <= (shape.stride == 1 ? 16 : 64);
  }

  void run(const Tensor& images, const Tensor& gradient, Tensor& result) {
    auto patches = torch::empty({pixels_, columns_}, images.options());
    write_patches(static_cast<const uint16_t*>(images.data_ptr()), static_cast<uint16_t*>(patches.data_ptr()));
    dnnl::stream stream(engine());
    run_.execute(stream, {{DNNL_ARG_SRC, memory(gradient_, engine(), gradient.data_ptr())},
                          {DNNL_ARG_WEIGHTS, memory(patches_, engine(), patches.data_ptr())},
                          {DNNL_ARG_DST, memory(result_, engine(), result.data_ptr())}});
  }

 private:
  void write_patches(const uint16_t* images, uint16_t* patches) const {
    const int64_t in = shape_.weight[1], kernel = shape_.weight[2], height = shape_.images[2], width = shape_.images[3];
    at::parallel_for(0, pixels_, 16, [&](int64_t begin, int64_t end) {
      for (int64_t pixel = begin; pixel < end; ++pixel) {
        const int64_t image = pixel / (output_[2] * output_[3]), row = pixel / output_[3] % output_[2], column = pixel % output_[3];
        auto* to = patches + pixel * columns_;
        for (int64_t i = 0; i < kernel * kernel; ++i, to += in) {
          const int64_t y = row * shape_.stride - shape_.padding + i / kernel, x = column * shape_.stride - shape_.padding + i % kernel;
          if (y < 0 || y >= height || x < 0 || x >= width) {
            std::fill_n(to, in, uint16_t{0});
          } else {
            std::copy_n(images + ((image * height + y) * width + x) * in, in, to);
          }
        }
      }
    });
  }

  Shape shape_;
  memory::dims output_;
  int64_t pixels_, columns_;
  memory::desc gradient_, patches_, result_;
  dnnl::matmul run_;
};

/// Weights in channels-last order with their kernels turned by 180°, so that a convolution of stride 1 and its image gradient
/// change places: the one is the other with turned weights whose input and output are exchanged.
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

/// The three passes for one shape, each prepared when it is first needed.
class Convolution {
 public:
  explicit Convolution(const Shape& shape) : shape_(shape) {
    const auto &x = shape.images, &w = shape.weight;
    const auto size = [&](int i) { return (x[i] + 2 * shape.padding - w[i]) / shape.stride + 1; };
    output_ = {x[0], w[0], size(2), size(3)};
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
    const bool turns = shape.type == torch::kBFloat16 && !shape.bias && shape.stride == 1 && w[2] == 3 && w[0] >= 64 && w[1] >= 64 && has_channels_last_weights(shape);
    const int64_t pixels = output_[2] * output_[3];
    if (turns && pixels <= kFewPixels) prepare_turned_forward();
    if (turns && pixels > kManyPixels) prepare_turned_gradient();
  }

  Tensor forward(const Tensor& images, const Tensor& weight, const Tensor& bias) {
    auto result = torch::empty(output_, images.options(), torch::MemoryFormat::ChannelsLast);
    Run run;
    if (turned_forward_weight_) {
      run.add(DNNL_ARG_DIFF_DST, images_, images);
      run.add_weight(*turned_forward_weight_, turned(weight));
      run.add(DNNL_ARG_DIFF_SRC, outputs_, result);
      run.execute(run_turned_forward_);
      return result;
    }
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
    Run run;
    if (turned_gradient_weight_) {
      run.add(DNNL_ARG_SRC, outputs_, gradient);
      run.add_weight(*turned_gradient_weight_, turned(weight));
      run.add(DNNL_ARG_DST, images_, result);
      run.execute(run_turned_gradient_);
      return result;
    }
    if (!run_backward_data_) {
      const memory::desc any(shape_.weight, type_of(shape_.type), memory::format_tag::any);
      const Backward::primitive_desc description({dnnl::algorithm::convolution_direct, images_, any, outputs_, steps_, edges_, edges_}, engine(), forward_);
      backward_weight_ = std::make_unique<Reordering>(own_weight_, description.weights_desc());
      run_backward_data_ = Backward(description);
    }
    run.add(DNNL_ARG_DIFF_DST, outputs_, gradient);
    run.add_weight(*backward_weight_, weight);
    run.add(DNNL_ARG_DIFF_SRC, images_, result);
    run.execute(run_backward_data_);
    return result;
  }

  /// Of the weight and, where there is one, of the bias; float32.
  std::pair<Tensor, Tensor> weight_gradients(const Tensor& images, const Tensor& gradient) {
    using Backward = dnnl::convolution_backward_weights;
    if (WeightGradientProduct::is_faster(shape_, output_)) {
      if (!product_) product_ = std::make_unique<WeightGradientProduct>(shape_, output_);
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
  /// The forward pass by oneDNN's image gradient: its forward kernel fills its registers with pixels of one row, which are too few.
  void prepare_turned_forward() {
    const auto [order, any] = exchanged_weights();
    const dnnl::convolution_forward::primitive_desc hint({dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, outputs_, any, images_, steps_, edges_, edges_}, engine());
    const dnnl::convolution_backward_data::primitive_desc description({dnnl::algorithm::convolution_direct, outputs_, any, images_, steps_, edges_, edges_}, engine(), hint);
    turned_forward_weight_ = std::make_unique<Reordering>(order, description.weights_desc());
    run_turned_forward_ = dnnl::convolution_backward_data(description);
  }

  /// The image gradient by oneDNN's forward pass, which is newer code and quicker where rows are long enough.
  void prepare_turned_gradient() {
    const auto [order, any] = exchanged_weights();
    const dnnl::convolution_forward::primitive_desc description({dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, outputs_, any, images_, steps_, edges_, edges_}, engine());
    turned_gradient_weight_ = std::make_unique<Reordering>(order, description.weights_desc());
    run_turned_gradient_ = dnnl::convolution_forward(description);
  }

  /// Weights [in, out, k, k] as they lie in memory as [out, k, k, in], and in any order.
  std::pair<memory::desc, memory::desc> exchanged_weights() const {
    const auto &w = shape_.weight, &s = shape_.weight_strides;
    const memory::dims shape{w[1], w[0], w[2], w[3]};
    return {memory::desc(shape, type_of(shape_.type), memory::dims{s[1], s[0], s[2], s[3]}), memory::desc(shape, type_of(shape_.type), memory::format_tag::any)};
  }

  /// One call of oneDNN with what it reads and writes.
  class Run {
   public:
    void add(int argument, const memory::desc& order, const Tensor& tensor) { arguments_.emplace(argument, memory(order, engine(), tensor.data_ptr())); }

    void add_weight(Reordering& reordering, const Tensor& weight) {
      if (!reordering.needed()) return add(DNNL_ARG_WEIGHTS, reordering.to(), weight);
      weight_ = onednn::buffer(reordering.to());
      reordering.run(stream_, weight.data_ptr(), weight_.data_ptr());
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
  std::unique_ptr<Reordering> turned_forward_weight_, turned_gradient_weight_;  // where those are used
  dnnl::convolution_backward_data run_turned_forward_;
  dnnl::convolution_forward run_turned_gradient_;
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
