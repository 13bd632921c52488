#include "leaf/train/dense.h"

namespace leaf {

bool same_dense_order(std::initializer_list<torch::Tensor> tensors) {
  const auto& first = *tensors.begin();
  for (const auto& tensor : tensors) {
    const bool plain = tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32 && tensor.is_non_overlapping_and_dense();
    if (!plain || tensor.sizes() != first.sizes() || tensor.strides() != first.strides()) return false;
  }
  return true;
}

}  // namespace leaf
