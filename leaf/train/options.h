#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// How the weights move: length, batches, optimizer, moving average (spec, section 3).
struct TrainOptions {
  int64_t steps = 32000;              ///< 20 epochs of 1,600 steps
  int64_t epochs = 20;                ///< the steps are divided into so many: thresholds, validation and checkpoints come after each
  int64_t labeled_batch = 16;         ///< B, faces a step
  int64_t unlabeled_batch = 16;       ///< U, faces a step
  std::string passes = "joint";       ///< joint: all views in one forward pass; separate: one pass (and one set of batch statistics) a view
  std::string optimizer = "adam";     ///< adam, adamw or sgd (Nesterov)
  double learning_rate = 5e-4;        ///< for 16 labeled faces; multiplied by B/16
  std::string schedule = "constant";  ///< constant or cosine
  int64_t warmup = 0;                 ///< steps of linear growth of the learning rate
  double momentum = 0.9;              ///< sgd only
  double weight_decay = 0;            ///< the optimizer's own (adamw, sgd)
  double average = 0.999;             ///< decay of the moving average; 0 = evaluate the raw weights
  bool average_growth = false;        ///< smaller decay at first, (1+t)/(10+t), for short runs
  double shrink = 0.02;               ///< after each step θ ← θ·(1 − shrink·lr)
  bool shrink_buffers = false;        ///< also shrink batch statistics and other floating-point buffers, as the authors' code does
  int64_t shared_repeats = 1;         ///< how often a step averages and shrinks a shared expert; 9 in the authors' code
  std::string balance = "none";       ///< labeled faces a step: none = as they come, classes = every class equally often
  int64_t seed = 0;
  std::string device = "auto";        ///< auto, cpu or cuda
  int64_t threads = 0;                ///< for tensors; 0 = the processors this process may use
};
void describe(Options& options, TrainOptions& train);

}  // namespace leaf
