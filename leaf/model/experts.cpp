#include "leaf/model/experts.h"

#include <algorithm>
#include <cmath>

namespace leaf {

StackedLinearImpl::StackedLinearImpl(int64_t count, int64_t in, int64_t out) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ = register_parameter("weight", torch::empty({count, out, in}).uniform_(-bound, bound));
  bias_ = register_parameter("bias", torch::empty({count, out}).uniform_(-bound, bound));
}

torch::Tensor StackedLinearImpl::forward(const torch::Tensor& x) {
  const int64_t count = weight_.size(0), out = weight_.size(1);
  if (x.dim() == 2) {  // the same faces for all: one product
    return torch::linear(x, weight_.flatten(0, 1), bias_.flatten()).view({x.size(0), count, out}).transpose(0, 1);
  }
  return torch::baddbmm(bias_.unsqueeze(1), x, weight_.transpose(1, 2));
}

ExpertsImpl::ExpertsImpl(int64_t width, const AggregationOptions& options) {
  const int64_t count = options.shared ? 1 : options.experts;
  if (options.expert == "linear") {
    linear_ = register_module("linear", StackedLinear(count, width, width));
  } else {
    const int64_t hidden = std::max<int64_t>(width / 2, 1);
    narrow_ = register_module("narrow", StackedLinear(count, width, hidden));
    widen_ = register_module("widen", StackedLinear(count, hidden, width));
  }
}

torch::Tensor ExpertsImpl::forward(const torch::Tensor& x) {
  if (linear_) return linear_(x).transpose(0, 1);
  return x.unsqueeze(1) + widen_(narrow_(x).relu()).transpose(0, 1);
}

}  // namespace leaf
