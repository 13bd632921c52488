#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "leaf/model/options.h"

namespace leaf {

/// K linear layers of one shape as one: [n, in] or [K, n, in] -> [K, n, out]. Weight [K, out, in] and bias [K, out] start as
/// those of torch.nn.Linear.
class StackedLinearImpl : public torch::nn::Module {
 public:
  StackedLinearImpl(int64_t count, int64_t in, int64_t out);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(StackedLinear);

/// What every expert makes of every face (paper, section 3.2): all of them at once, as batched products; at these sizes that
/// is cheaper than sending each face to its few experts.
///   linear     E(x) = W·x + b, parameters `linear`
///   residual   E(x) = x + W2·relu(W1·x), hidden width D / 2 (at least 1), parameters `narrow` and `widen`
class ExpertsImpl : public torch::nn::Module {
 public:
  ExpertsImpl(int64_t width, const AggregationOptions& options);

  /// [n, D] -> [n, K, D]; [n, 1, D] when the experts are one shared module.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  StackedLinear linear_{nullptr}, narrow_{nullptr}, widen_{nullptr};
};
TORCH_MODULE(Experts);

}  // namespace leaf
