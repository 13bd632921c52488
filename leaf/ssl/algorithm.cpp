#include "leaf/ssl/algorithm.h"

namespace leaf {

std::vector<Output> Algorithm::forward(Model& model, const std::vector<torch::Tensor>& views) const {
  return model->forward_all(views, setting_.joint_passes);
}

torch::Tensor mean_balance(const std::vector<Output>& outputs) {
  auto sum = outputs.at(0).balance;
  for (size_t i = 1; i < outputs.size(); ++i) sum = sum + outputs[i].balance;
  return sum / static_cast<double>(outputs.size());
}

Registry<AlgorithmEntry>& algorithms() {
  static Registry<AlgorithmEntry> registry("algorithm");
  return registry;
}

}  // namespace leaf
