#include "leaf/train/options.h"

namespace leaf {

void describe(Options& options, TrainOptions& train) {
  options.enter("train");
  options.add("steps", train.steps, "training steps", 1, 1e9);
  options.add("views", train.views,
              "views to see in all, whatever the algorithm; decides the steps; 0 = as many as the steps take", 0, 1e12);
  options.add("epochs", train.epochs, "parts of a run; thresholds, validation and checkpoints come after each", 1, 1e6);
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
  options.add("recipe", train.recipe,
              "what decides the options that nobody set: the paper, or what works from random or from given weights; auto = by "
              "the weights",
              {"published", "scratch", "pretrained", "auto"});
  options.add("device", train.device, "where tensors live; auto = cuda when there is one", {"auto", "cpu", "cuda"});
  options.add("threads", train.threads, "threads for tensors; 0 = as many as this process may use", 0, 1024);
  options.leave();
}

}  // namespace leaf
