#include "leaf/ssl/objective.h"

namespace leaf {

torch::Tensor Objective::total() const {
  torch::Tensor sum;
  for (const auto& term : terms_) {
    const auto part = term.value * term.weight;
    sum = sum.defined() ? sum + part : part;
  }
  TORCH_CHECK(sum.defined(), "an objective needs at least one term");
  return sum;
}

Objective& Objective::watch(std::string name, const torch::Tensor& value) {
  watched_.emplace_back(std::move(name), value.detach().to(torch::kFloat32).mean());
  return *this;
}

}  // namespace leaf
