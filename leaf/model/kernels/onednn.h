#pragma once

#include <torch/types.h>

#include <dnnl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

// What LEAF's uses of oneDNN share, and all in which oneDNN 2 and 3 differ.

namespace leaf::onednn {

/// The processor.
inline dnnl::engine& engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// oneDNN's word for float32, bfloat16 and libtorch's two types of 8 bits.
inline dnnl::memory::data_type type_of(torch::ScalarType type) {
  using Type = dnnl::memory::data_type;
  switch (type) {
    case torch::kBFloat16:
      return Type::bf16;
    case torch::kQUInt8:
      return Type::u8;
    case torch::kQInt8:
      return Type::s8;
    default:
      return Type::f32;
  }
}

/// Memory for what a description says, of no type.
inline torch::Tensor buffer(const dnnl::memory::desc& description) {
  return torch::empty({static_cast<int64_t>(description.get_size())}, torch::kByte);
}

/// Prepares a primitive that needs no other one. `what`: the arguments of oneDNN's description of it, in their order.
template <class Primitive, class... What>
auto description(const dnnl::primitive_attr& how, const What&... what) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), what..., how);
#else
  return typename Primitive::primitive_desc({what...}, how, engine());
#endif
}

/// Prepares the backward pass of `forward`.
template <class Primitive, class Forward, class... What>
auto backward_description(const Forward& forward, const What&... what) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), what..., forward);
#else
  return typename Primitive::primitive_desc({what...}, engine(), forward);
#endif
}

/// Adds x > 0 ? x : slope · x to what is done behind a primitive.
inline void append_rectifier(dnnl::post_ops& behind, float slope) {
#if DNNL_VERSION_MAJOR >= 3
  behind.append_eltwise(dnnl::algorithm::eltwise_relu, slope, 0);
#else
  behind.append_eltwise(1, dnnl::algorithm::eltwise_relu, slope, 0);
#endif
}

using Arguments = std::unordered_map<int, dnnl::memory>;

/// What a primitive multiplies its result by: nothing, one number, or one for each output channel. oneDNN 2 is told when the
/// primitive is prepared, oneDNN 3 with each call.
class Factors {
 public:
  Factors() = default;
  /// `values`: float32 [1] or [channels]. `argument`: what oneDNN 3 multiplies, DNNL_ARG_SRC or DNNL_ARG_WEIGHTS; the channels
  /// are its first dimension. `dimension`: that of the channels in the result.
  Factors(const torch::Tensor& values, int argument, int dimension = 0)
      : values_(values.contiguous()), argument_(argument), dimension_(dimension) {}

  void add_to(dnnl::primitive_attr& how) const {
    if (!values_.defined()) return;
#if DNNL_VERSION_MAJOR >= 3
    how.set_scales_mask(argument_, values_.numel() == 1 ? 0 : 1 << 0);
#else
    const auto* begin = values_.data_ptr<float>();
    how.set_output_scales(values_.numel() == 1 ? 0 : 1 << dimension_, std::vector<float>(begin, begin + values_.numel()));
#endif
  }

  void add_to([[maybe_unused]] Arguments& arguments) const {
#if DNNL_VERSION_MAJOR >= 3
    if (!values_.defined()) return;
    const dnnl::memory::desc list({values_.numel()}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::a);
    arguments.emplace(DNNL_ARG_ATTR_SCALES | argument_, dnnl::memory(list, engine(), values_.data_ptr()));
#endif
  }

 private:
  torch::Tensor values_;
  int argument_ = 0, dimension_ = 0;
};

/// Whether a convolution's factors multiply its bias too.
inline constexpr bool kFactorsOfBias = DNNL_VERSION_MAJOR < 3;

/// Moves weights from one order and type to another, or says that there is nothing to move.
class Reordering {
 public:
  Reordering(const dnnl::memory::desc& from, const dnnl::memory::desc& to, Factors factors = {})
      : from_(from), to_(to), factors_(std::move(factors)) {
    dnnl::primitive_attr how;
    factors_.add_to(how);
    if (from != to) reorder_ = dnnl::reorder({engine(), from, engine(), to, how});
  }

  bool needed() const { return static_cast<bool>(reorder_); }
  const dnnl::memory::desc& to() const { return to_; }

  /// The weights in the other order, or themselves.
  torch::Tensor applied(dnnl::stream& stream, const torch::Tensor& weights) {
    if (!needed()) return weights;
    auto result = buffer(to_);
    run(stream, weights.data_ptr(), result.data_ptr());
    return result;
  }

  void run(dnnl::stream& stream, const void* source, void* target) {
    Arguments arguments{{DNNL_ARG_FROM, {from_, engine(), const_cast<void*>(source)}}, {DNNL_ARG_TO, {to_, engine(), target}}};
    factors_.add_to(arguments);
    reorder_.execute(stream, arguments);
  }

 private:
  dnnl::memory::desc from_, to_;
  Factors factors_;
  dnnl::reorder reorder_;
};

}  // namespace leaf::onednn
