#include "leaf/batches/batch.h"

namespace leaf {
namespace {

template <typename Change>
Batch changed(const Batch& batch, const Change& change_defined) {
  const auto change = [&](const torch::Tensor& tensor) { return tensor.defined() ? change_defined(tensor) : tensor; };
  const auto change_all = [&](const std::vector<torch::Tensor>& tensors) {
    std::vector<torch::Tensor> changed;
    for (const auto& tensor : tensors) changed.push_back(change(tensor));
    return changed;
  };
  return {batch.step,
          change(batch.labeled),
          change(batch.labels),
          change(batch.targets),
          change(batch.labeled_faces),
          change_all(batch.labeled_strong),
          change_all(batch.weak),
          change_all(batch.strong),
          change(batch.faces),
          change(batch.taught)};
}

}  // namespace

Batch Batch::to(torch::Device device) const {
  if (device.is_cpu()) return *this;
  return changed(*this, [&](const torch::Tensor& tensor) { return tensor.to(device, /*non_blocking=*/true); });
}

Batch Batch::pinned() const {
  return changed(*this, [](const torch::Tensor& tensor) { return tensor.pin_memory(); });
}

}  // namespace leaf
