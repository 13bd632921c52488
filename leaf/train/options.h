#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// How long a run is and what a step sees (spec, section 3).
struct TrainOptions {
  int64_t steps = 32000;       ///< 20 epochs of 1,600 steps
  int64_t views = 0;           ///< views to see in all, which then decide the steps: algorithms are compared at equal views
  int64_t epochs = 20;         ///< the steps are divided into so many: thresholds, validation and checkpoints come after each
  int64_t labeled_steps = 0;   ///< the first steps learn from labels alone, so that pseudo-labels mean something when they begin
  int64_t labeled_batch = 16;  ///< B, faces a step
  int64_t unlabeled_batch = 16;  ///< U, faces a step
  std::string passes =
      "joint";  ///< joint: all views in one forward pass; separate: one pass (and one set of batch statistics) a view
  double label_smoothing = 0;  ///< share of a label that is spread over all classes
  double gate_balance = 1;     ///< weight of the experts' balance loss, where a level has experts (spec, section 1, difference 4)
  int64_t seed = 0;
  /// What decides the options that nobody set: published (their defaults, as in the paper), scratch or pretrained (recipe.h), or
  /// auto: pretrained where there are weights to begin with, else scratch.
  std::string recipe = "published";
  std::string device = "auto";  ///< auto, cpu or cuda
  int64_t threads = 0;          ///< for tensors; 0 = the processors this process may use
};
void describe(Options& options, TrainOptions& train);

}  // namespace leaf
