#include "leaf/ssl/algorithm.h"

namespace leaf {

std::vector<Output> Algorithm::forward(Model& model, const std::vector<torch::Tensor>& views) const {
  return forward_all(model, views, setting_.joint_passes);
}

Registry<AlgorithmEntry>& algorithms() {
  static Registry<AlgorithmEntry> registry("algorithm");
  return registry;
}

}  // namespace leaf
