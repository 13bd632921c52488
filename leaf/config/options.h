#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

// The options of training. What each means is said once, in describe().

/// How long a run is and what a step sees (docs/paper.md, Training).
struct TrainOptions {
  int64_t steps = 32000;  ///< 20 epochs of 1,600 steps
  int64_t views = 0;      ///< algorithms are compared at equal views
  int64_t epochs = 20;
  int64_t labeled_steps = 0;
  int64_t labeled_batch = 16;    ///< B
  int64_t unlabeled_batch = 16;  ///< U
  std::string passes = "joint";
  double label_smoothing = 0;
  double gate_balance = 1;  ///< 0 in the authors' code, which drops it
  int64_t seed = 0;
  std::string recipe = "published";  ///< see recipe.h
  std::string device = "auto";
  int64_t threads = 0;
  bool calibrate = true;  ///< see leaf/runs/calibrating.h
};

inline void describe(Options& options, TrainOptions& train) {
  options.enter("train");
  options.add("steps", train.steps, "training steps", 1, 1e9);
  options.add("views", train.views,
              "views to see in all, whatever the algorithm; decides the steps; 0 = as many as the steps take", 0, 1e12);
  options.add("epochs", train.epochs,
              "parts of a run; thresholds, checkpoints and, where there are faces for it, validation come after each", 1, 1e6);
  options.add("labeled_steps", train.labeled_steps,
              "the first steps learn from labels alone, so that pseudo-labels mean something when they begin", 0, 1e9);
  options.add("labeled_batch", train.labeled_batch, "labeled faces a step; 0 in self-supervised algorithms alone", 0, 65536);
  options.add("unlabeled_batch", train.unlabeled_batch, "unlabeled faces a step", 1, 65536);
  options.add("passes", train.passes, "all views in one forward pass, or one pass and its own batch statistics for each",
              {"joint", "separate"});
  options.add("label_smoothing", train.label_smoothing,
              "share of a label that is spread over all classes, so that few labels are not learned to certainty", 0, 0.9);
  options.add("gate_balance", train.gate_balance, "weight of the experts' balance loss (1e-2 times squared variations)", 0, 100);
  options.add("seed", train.seed, "seed of everything random but the split", 0, 4294967295.0);
  options.add(
      "recipe", train.recipe,
      "what decides the options that nobody set: the paper, or what works from random weights, from those of an encoder, or "
      "going on with a model of expressions; auto = by the weights",
      {"published", "scratch", "pretrained", "continued", "auto"});
  options.add("device", train.device, "where tensors live; auto = cuda when there is one", {"auto", "cpu", "cuda"});
  options.add("threads", train.threads, "threads for tensors; 0 = as many as this process may use", 0, 1024);
  options.add("calibrate", train.calibrate,
              "after training, find out how far the model's probabilities can be believed: by the labels, held out from short "
              "runs, or by the validation faces that were named");
  options.leave();
}

/// How gradients become steps, and how long the steps are: see learning_rate() in leaf/train/optimizer.h.
struct OptimizerOptions {
  std::string kind = "adam";
  double learning_rate = 5e-4;  ///< the authors' at 16 labeled faces a step; they scale it with the batch
  double weight_decay = 0;      ///< the moving average has its own
  bool decay_norm_and_bias = true;
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double momentum = 0.9;
  bool nesterov = true;
  std::string schedule = "constant";
  int64_t warm_up = 0;
};

inline void describe(Options& options, OptimizerOptions& optimizer) {
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

/// The moving average of the weights, which is what gets evaluated: see MovingAverage in leaf/train/average.h.
struct AverageOptions {
  double decay = 0.999;
  bool growth = false;
  double weight_decay = 0.02;
  bool decay_buffers = false;
  bool repeat_shared = false;
};

inline void describe(Options& options, AverageOptions& average) {
  options.enter("average");
  options.add("decay", average.decay, "share of the old average that a step keeps", 0, 1);
  options.add("growth", average.growth, "early steps keep less, (1 + t)/(10 + t), so that the random start is forgotten");
  options.add("weight_decay", average.weight_decay, "weights shrink by this times the learning rate at each step", 0, 100);
  options.add("decay_buffers", average.decay_buffers, "batch statistics shrink too, as in the authors' code");
  options.add("repeat_shared", average.repeat_shared,
              "average a shared expert once for each of its names, as in the authors' code");
  options.leave();
}

}  // namespace leaf
