#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "leaf/config/options.h"
#include "leaf/model/weights.h"

namespace leaf {

/// Adam (Kingma and Ba, ICLR 2015), AdamW (Loshchilov and Hutter, ICLR 2019) or SGD with Nesterov momentum, as torch.optim
/// computes them, in one pass over memory and without allocating. It remembers by parameter name.
class Optimizer {
 public:
  /// For every parameter of the module that takes a gradient; the module must outlive its use here.
  Optimizer(torch::nn::Module& module, const OptimizerOptions& options);
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Propagates the loss (a scalar) back and moves every parameter that it reaches, with the given rate (≥ 0); the others are
  /// left alone, their memory too. On the processor a parameter is moved as soon as its gradient is whole, and the gradient
  /// dropped at once, so that only a layer's gradients are in memory; a graph that still needs the old value then is refused by
  /// libtorch. On a GPU all are moved together afterwards, which takes few calls.
  void descend(const torch::Tensor& loss, double rate);

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
    std::shared_ptr<void> whole;  ///< keeps the place in the graph that the whole gradient passes
  };

  void move(Slot& slot, double rate) const;
  void move_together(double rate);

  const OptimizerOptions options_;
  std::vector<Slot> slots_;
  /// Set while the optimizer descends; the graph, which may outlive it, holds it weakly.
  std::shared_ptr<std::optional<double>> rate_;
};

/// The learning rate of `step` (from 0) in a run of `total` steps: linear warm-up, then the schedule: constant, cosine (down to
/// cos(7π/16); FixMatch) or half_cosine (down to 0).
double learning_rate(const OptimizerOptions& options, int64_t step, int64_t total);

}  // namespace leaf
