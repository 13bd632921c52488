#include "leaf/train/supervision.h"

#include <utility>

#include "leaf/base/error.h"

namespace leaf {

void check_unlabeled(const Config& config, bool self_supervised) {
  const auto& train = config.train;
  if (self_supervised != (train.labeled_batch == 0)) {
    fail_usage("train.labeled_batch is {}, but {} takes {}", train.labeled_batch, config.algorithm,
               self_supervised ? "unlabeled faces alone; leave it out, or set it to 0" : "labeled faces; set it to at least 1");
  }
  if (!self_supervised) return;
  const std::pair<const char*, bool> without_place[] = {{"outliers.reject", config.outliers.reject != "none"},
                                                        {"train.labeled_steps", train.labeled_steps != 0},
                                                        {"train.label_smoothing", train.label_smoothing != 0},
                                                        {"imbalance.shares", config.imbalance.shares != "labeled"},
                                                        {"views.labeled", config.views.labeled != "weak"}};
  for (const auto& [key, used] : without_place) {
    if (used) fail_usage("{} has no place in {}: it uses no labels; leave it out", key, config.algorithm);
  }
  if (config.model.semantic.enabled || config.model.instance.enabled) {
    fail_usage("{} trains the encoder alone; leave model.semantic.enabled and model.instance.enabled at false", config.algorithm);
  }
  if (train.unlabeled_batch < 2)
    fail_usage("{} compares the faces of a step with each other and needs at least 2, not {}", config.algorithm,
               train.unlabeled_batch);
}

void check_faces(const Config& config, const Pools& pools, bool self_supervised) {
  const int64_t faces = pools.unlabeled.size(), a_step = config.train.unlabeled_batch;
  if (!self_supervised && pools.labeled.size() == 0) fail("training needs labeled faces, but {} has none", config.data.source);
  if (self_supervised && faces == 0) fail("pretraining needs faces, but {} has none in its training part", config.data.source);
  if (self_supervised && faces < a_step) {
    fail("a step of {} takes {} different faces, but {} has {} to learn from; take more faces, or fewer a step with --batch {}",
         config.algorithm, a_step, config.data.source, faces, faces);
  }
}

}  // namespace leaf
