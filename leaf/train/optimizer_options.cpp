#include "leaf/train/optimizer_options.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "leaf/base/error.h"

namespace leaf {

void describe(Options& options, OptimizerOptions& optimizer) {
  options.enter("optimizer");
  options.add("kind", optimizer.kind, "how gradients become steps", {"adam", "adamw", "sgd"});
  options.add("learning_rate", optimizer.learning_rate, "length of a step", 0, 100);
  options.add("weight_decay", optimizer.weight_decay, "pull of the weights toward zero, by the optimizer", 0, 10);
  options.add("decay_norm_and_bias", optimizer.decay_norm_and_bias, "decay normalizations and biases too");
  options.add("beta1", optimizer.beta1, "adam: memory of the gradient", 0, 0.999999);
  options.add("beta2", optimizer.beta2, "adam: memory of the gradient's square", 0, 0.9999999);
  options.add("epsilon", optimizer.epsilon, "adam: smallest deviation", 1e-16, 1);
  options.add("momentum", optimizer.momentum, "sgd: memory of the gradient", 0, 0.999999);
  options.add("nesterov", optimizer.nesterov, "sgd: look ahead");
  options.add("schedule", optimizer.schedule, "learning rate over the run", {"constant", "cosine", "half_cosine"});
  options.add("warm_up", optimizer.warm_up, "steps of linear growth at the start", 0, 1e12);
  options.leave();
}

void describe(Options& options, AverageOptions& average) {
  options.enter("average");
  options.add("decay", average.decay, "share of the old average that a step keeps", 0, 1);
  options.add("growth", average.growth, "early steps keep less, (1 + t)/(10 + t), so that the random start is forgotten");
  options.add("weight_decay", average.weight_decay, "weights shrink by this times the learning rate at each step", 0, 100);
  options.add("decay_buffers", average.decay_buffers, "batch statistics shrink too, as in the authors' code");
  options.add("repeat_shared", average.repeat_shared,
              "average a shared expert once for each of its names, as in the authors' code");
  options.leave();
}

double learning_rate(const OptimizerOptions& options, int64_t step, int64_t total) {
  if (step < options.warm_up) return options.learning_rate * static_cast<double>(step) / static_cast<double>(options.warm_up);
  const double progress =
      static_cast<double>(step - options.warm_up) / static_cast<double>(std::max<int64_t>(total - options.warm_up, 1));
  if (options.schedule == "constant") return options.learning_rate;
  if (options.schedule == "cosine")
    return options.learning_rate * std::max(0.0, std::cos(7.0 / 16 * std::numbers::pi * progress));
  if (options.schedule == "half_cosine")
    return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * std::min(progress, 1.0)));
  fail_usage("optimizer.schedule must be constant, cosine or half_cosine, not \"{}\"", options.schedule);
}

}  // namespace leaf
