#include "leaf/train/memory_order.h"

namespace leaf {
namespace {

/// Steps along dimensions of one element lead nowhere, so they may differ.
bool same_order(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.sizes() != b.sizes()) return false;
  for (int64_t i = 0; i < a.dim(); ++i) {
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  }
  return true;
}

}  // namespace

bool same_dense_order(std::initializer_list<torch::Tensor> tensors) {
  for (const auto& tensor : tensors) {
    const bool plain =
        tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32 && tensor.is_non_overlapping_and_dense();
    if (!plain || !same_order(tensor, *tensors.begin())) return false;
  }
  return true;
}

}  // namespace leaf
