#pragma once

#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <map>
#include <string>

#include "leaf/model/aggregation.h"
#include "leaf/model/options.h"
#include "leaf/model/output.h"

namespace leaf {

/// From features of the encoder to logits (paper, figure 2; docs/paper.md):
///
///     semantic level -> unit length (= features) -> scale -> classifier -> instance level (= logits)
///
/// With `instance_on = features` (the authors' code) the instance level stands before the classifier.
/// Parameters: `semantic.…`, `classifier.weight` [C, D], `classifier.bias` [C], `instance.…`, `scale` if it is trained.
class ExpressionHeadImpl : public torch::nn::Module {
 public:
  ExpressionHeadImpl(int64_t width, int64_t classes, const ModelOptions& options);

  /// [n, D] -> logits [n, C], features [n, D], balance; no map.
  Output forward(const torch::Tensor& features);

  /// How often the authors' state dictionary lists a tensor, where that is more than once: K list entries and the module
  /// itself, K + 1, for each tensor of a shared expert (docs/paper.md, difference 6a). Names as in named_parameters().
  std::map<std::string, int64_t> listings() const;

 private:
  ModelOptions options_;
  Aggregation semantic_{nullptr}, instance_{nullptr};
  torch::nn::Linear classifier_{nullptr};
  torch::Tensor scale_;
};
TORCH_MODULE(ExpressionHead);

/// How many numbers the parameters of such a head have; as a fraction, since options out of a file may ask for any number.
double head_numbers(int64_t width, int64_t classes, const ModelOptions& options);

}  // namespace leaf
