#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

namespace leaf {

/// While it lives, passes in training mode leave the running statistics of batch normalization alone: their momentum is 0, since
/// restoring them afterwards would touch what the backward pass has kept.
class FrozenStatistics {
 public:
  explicit FrozenStatistics(torch::nn::Module& module);
  ~FrozenStatistics();
  FrozenStatistics(const FrozenStatistics&) = delete;
  FrozenStatistics& operator=(const FrozenStatistics&) = delete;

 private:
  struct Kept {
    std::shared_ptr<torch::nn::Module> part;
    c10::optional<double> momentum;
    torch::Tensor batches;
  };
  std::vector<Kept> kept_;
};

/// While it lives, dropout and the gates' noise are off, so that passes over the same images agree; batch normalization goes on.
class Noiseless {
 public:
  explicit Noiseless(torch::nn::Module& module);
  ~Noiseless();
  Noiseless(const Noiseless&) = delete;
  Noiseless& operator=(const Noiseless&) = delete;

 private:
  std::vector<std::shared_ptr<torch::nn::Module>> switched_;
};

}  // namespace leaf
