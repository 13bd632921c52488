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

Json resolve_options(const std::string& algorithm, const Json& presets, const Json& given) {
  const auto& entry = algorithms().at(algorithm);
  const auto defaults = entry.defaults();
  Json options = Json::object();
  for (const auto& [key, value] : presets.items()) {
    if (defaults.contains(key)) options[key] = value;
  }
  for (const auto& [key, value] : given.items()) options[key] = value;
  return entry.resolve(options);
}

}  // namespace leaf
