#include "leaf/batches/batch.h"

namespace leaf {

Batch Batch::to(torch::Device device) const {
  if (device.is_cpu()) return *this;
  const auto move = [&](const torch::Tensor& tensor) { return tensor.defined() ? tensor.to(device, true) : tensor; };
  const auto move_all = [&](const std::vector<torch::Tensor>& tensors) {
    std::vector<torch::Tensor> moved;
    for (const auto& tensor : tensors) moved.push_back(move(tensor));
    return moved;
  };
  return {step,           move(labeled),    move(labels), move(targets), move(labeled_faces), move_all(labeled_strong),
          move_all(weak), move_all(strong), move(faces),  move(taught)};
}

}  // namespace leaf
