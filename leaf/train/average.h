#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "leaf/config/options.h"

namespace leaf {

/// Keeps one module the moving average of another of the same structure (docs/paper.md, Training):
///   ema ← d · ema + (1 − d) · θ           for every floating-point parameter and buffer; other buffers are copied;
///                                         d = decay or, with `growth`, min(decay, (1 + t)/(10 + t))
///   θ   ← θ · (1 − weight_decay · rate)   for parameters, and for floating-point buffers with `decay_buffers`
class MovingAverage {
 public:
  /// `listings` says how often a tensor is treated in each step where that is not once (Model::listings()); it counts only with
  /// `repeat_shared`. Both modules must outlive their use here. Values are not copied: see copy_state().
  MovingAverage(torch::nn::Module& module, torch::nn::Module& average, const AverageOptions& options,
                const std::map<std::string, int64_t>& listings = {});

  /// After step `step` (from 0) of the optimizer, with the learning rate of that step.
  void update(double rate, int64_t step);

 private:
  struct Pair {
    torch::Tensor value, average;
    bool decays;
    int64_t repeats;
  };

  AverageOptions options_;
  std::vector<Pair> pairs_;
};

}  // namespace leaf
