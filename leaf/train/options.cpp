#include "leaf/train/options.h"

namespace leaf {

void describe(Options& options, TrainOptions& train) {
  options.enter("train");
  options.add("steps", train.steps, "training steps", 1, 1e9);
  options.add("epochs", train.epochs, "parts of a run; thresholds, validation and checkpoints come after each", 1, 1e6);
  options.add("labeled_batch", train.labeled_batch, "labeled faces a step", 1, 65536);
  options.add("unlabeled_batch", train.unlabeled_batch, "unlabeled faces a step", 1, 65536);
  options.add("passes", train.passes, "all views in one forward pass, or one pass and its own batch statistics for each", {"joint", "separate"});
  options.add("optimizer", train.optimizer, "optimizer", {"adam", "adamw", "sgd"});
  options.add("learning_rate", train.learning_rate, "learning rate for 16 labeled faces a step; scaled by labeled_batch/16", 0, 100);
  options.add("schedule", train.schedule, "learning rate over time", {"constant", "cosine"});
  options.add("warmup", train.warmup, "steps of linear growth of the learning rate", 0, 1e9);
  options.add("momentum", train.momentum, "momentum of sgd", 0, 0.9999);
  options.add("weight_decay", train.weight_decay, "the optimizer's own weight decay (adamw, sgd)", 0, 10);
  options.add("average", train.average, "decay of the moving average of the weights; 0 = none", 0, 0.999999);
  options.add("average_growth", train.average_growth, "let the average's decay grow as (1+t)/(10+t) up to `average`");
  options.add("shrink", train.shrink, "after each step weights are multiplied by 1 - shrink * learning rate", 0, 100);
  options.add("shrink_buffers", train.shrink_buffers, "shrink batch statistics too, as the authors' code does");
  options.add("shared_repeats", train.shared_repeats, "how often a step averages and shrinks a shared expert (authors' code: 9)", 1, 1000);
  options.add("balance", train.balance, "draw labeled faces as they come, or every class equally often", {"none", "classes"});
  options.add("seed", train.seed, "seed of everything random but the split", 0, 4294967295.0);
  options.add("device", train.device, "where tensors live; auto = cuda when there is one", {"auto", "cpu", "cuda"});
  options.add("threads", train.threads, "threads for tensors; 0 = as many as this process may use", 0, 1024);
  options.leave();
}

}  // namespace leaf
