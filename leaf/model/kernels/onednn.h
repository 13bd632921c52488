#pragma once

#include <torch/types.h>

#include <dnnl.hpp>

// What LEAF's uses of oneDNN share.

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

/// Moves weights from one order and type to another, or says that there is nothing to move.
class Reordering {
 public:
  Reordering(const dnnl::memory::desc& from, const dnnl::memory::desc& to, const dnnl::primitive_attr& how = {})
      : from_(from), to_(to) {
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
    dnnl::memory from(from_, engine(), const_cast<void*>(source)), to(to_, engine(), target);
    reorder_.execute(stream, from, to);
  }

 private:
  dnnl::memory::desc from_, to_;
  dnnl::reorder reorder_;
};

}  // namespace leaf::onednn
