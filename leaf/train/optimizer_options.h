#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// How gradients become steps, and how long the steps are.
struct OptimizerOptions {
  std::string kind = "adam";          ///< adam, adamw (decay apart from the gradient) or sgd (Nesterov momentum)
  double learning_rate = 5e-4;        ///< the authors' at 16 labeled faces a step; they scale it with the batch
  double weight_decay = 0;            ///< of the optimizer itself; the moving average has its own
  bool decay_norm_and_bias = true;    ///< false: weights of normalizations and all biases are not decayed
  double beta1 = 0.9, beta2 = 0.999;  ///< adam, adamw: memory of the gradient and of its square
  double epsilon = 1e-8;              ///< adam, adamw
  double momentum = 0.9;              ///< sgd
  bool nesterov = true;               ///< sgd
  std::string schedule = "constant";  ///< constant, cosine (down to cos(7π/16), FixMatch) or half_cosine (down to 0)
  int64_t warm_up = 0;                ///< steps of linear growth before it
};
void describe(Options& options, OptimizerOptions& optimizer);

/// The moving average of the weights, which is what gets evaluated.
struct AverageOptions {
  double decay = 0.999;        ///< share of the old average that a step keeps
  bool growth = false;         ///< step t (from 0) keeps at most (1 + t)/(10 + t), so that the average forgets the random start
  double weight_decay = 0.02;  ///< after averaging, weights shrink by the factor 1 − weight_decay · learning rate
  bool decay_buffers = false;  ///< batch statistics shrink too, as in the authors' code
  bool repeat_shared = false;  ///< tensors of a shared expert are treated once for each of its names, as in the authors' code
};
void describe(Options& options, AverageOptions& average);

/// The learning rate of `step` (from 0) in a run of `total` steps: linear warm-up, then the schedule.
double learning_rate(const OptimizerOptions& options, int64_t step, int64_t total);

}  // namespace leaf
