#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/model/weights.h"
#include "leaf/train/optimizer_options.h"

namespace leaf {

/// Adam (Kingma and Ba, ICLR 2015), AdamW (Loshchilov and Hutter, ICLR 2019) or SGD with Nesterov momentum, as torch.optim
/// computes them, in one pass over memory and without allocating. It remembers by parameter name.
class Optimizer {
 public:
  /// For every parameter of the module that takes a gradient; the module must outlive its use here.
  Optimizer(torch::nn::Module& module, const OptimizerOptions& options);

  /// Moves every parameter that has a gradient, with the given rate (≥ 0); the others are left alone, their memory too.
  void step(double rate);
  /// Drops all gradients.
  void zero_grad();

  /// What it remembers, by name: "NAME.first" and "NAME.second" (Adam), "NAME.momentum" (SGD), and "NAME.steps". Shares memory.
  Tensors state() const;
  /// Takes it back; throws Error when a tensor is missing, does not fit or belongs to no parameter.
  void load(const Tensors& state);

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    torch::Tensor first, second;  ///< SGD: `first` is the momentum
    torch::Tensor steps;          ///< int64 scalar: how often it was moved
    double weight_decay;
  };

  OptimizerOptions options_;
  std::vector<Slot> slots_;
};

}  // namespace leaf
