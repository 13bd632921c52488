#pragma once

#include "leaf/config/resolve.h"
#include "leaf/pools/pools.h"
#include "leaf/runs/run_folder.h"
#include "leaf/train/observer.h"

namespace leaf {

/// The algorithm that pretrains unless another one is asked for.
inline const std::string kPretraining = "simclr";

/// What came out of pretraining.
struct PretrainReport {
  Representation representation;  ///< of the last weights
  int64_t faces = 0;              ///< that were learned from
  int64_t steps = 0;
  int64_t views = 0;
  double seconds = 0;  ///< of training in this process
};

Json to_json(const PretrainReport& report);

/// The faces a configuration names, in the same pools as for `leaf train`; a source without any label is allowed.
Pools load_pretraining_pools(const Config& config, Observer& observer);

/// Self-supervised learning in a new run folder, from the faces of the labeled and the unlabeled pool without their labels; those
/// of the validation and test pools are not learned from. After each epoch the moving average of the encoder is measured
/// (measure_representation) and becomes the run's model.safetensors, under the backbone's names and without a classifier; no
/// epoch is chosen by labels, the last one stays. Throws Error: an algorithm that needs labels, fewer faces than a step takes, a
/// representation that has collapsed (the last checkpoint stays), an occupied folder without `force`.
PretrainReport pretrain(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, bool force,
                        Observer& observer);

/// Continues the run in a folder from its last checkpoint; a finished one is only measured again.
PretrainReport resume_pretraining(const RunFolder& folder, Observer& observer);

/// Pretraining of `steps` steps with the network, faces and seed of a run.
ResolvedConfig pretraining_config(const ResolvedConfig& run, int64_t steps, const Pools& pools);

}  // namespace leaf
