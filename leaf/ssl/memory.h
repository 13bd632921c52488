#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

namespace leaf {

/// The latest rows of a stream: a ring of fixed size. It remembers in the buffers `rows` [n, D] and `pushed`, how many came.
class RingImpl : public torch::nn::Module {
 public:
  /// n ≥ 1 rows of D numbers.
  RingImpl(int64_t size, int64_t width);

  /// Adds k rows [k, D], without gradient, in the place of the oldest; of more than n rows the last n stay.
  void push(const torch::Tensor& rows);

  /// Whether n rows have come.
  bool full() const;
  /// Those that have come, at most n, in no order that matters: [min(pushed, n), D].
  torch::Tensor rows() const;

 private:
  torch::Tensor rows_, pushed_;
};
TORCH_MODULE(Ring);

/// Distribution alignment by the latest batches instead of a moving average (CoMatch; Li et al., ICCV 2021).
class RecentAlignmentImpl : public torch::nn::Module {
 public:
  RecentAlignmentImpl(int64_t classes, int64_t batches = 32);

  /// Probabilities [n, C] divided by their mean over the latest batches, this one included, and normalized, which pulls them to
  /// even shares; no gradient.
  torch::Tensor forward(const torch::Tensor& probabilities);

 private:
  Ring means_{nullptr};
};
TORCH_MODULE(RecentAlignment);

}  // namespace leaf
