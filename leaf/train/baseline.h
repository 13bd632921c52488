#pragma once

#include <optional>

#include "leaf/data/pools.h"
#include "leaf/train/config.h"
#include "leaf/train/observer.h"
#include "leaf/train/run_folder.h"

namespace leaf {

// A run's baseline is supervised learning on its labeled faces: the same network, steps and labeled batches, no unlabeled face
// but for the estimate of class shares, where that is on. It is a run of its own in the folder `baseline` of the run.

/// The baseline's configuration, from the run's resolved one. Throws UsageError for a run that uses no unlabeled faces itself.
Config baseline_config(const Config& run);

/// Trains the baseline of the run in `folder`; continues one that was stopped and leaves a finished one. Throws Error when the
/// folder holds one of another configuration and `force` is not set.
void run_baseline(const Config& run, const Datasets& datasets, const Pools& pools, const RunFolder& folder, bool force,
                  Observer& observer);

/// The test accuracy of the baseline in a run's folder, in [0, 1]; nothing unless it is finished, is the baseline of this
/// configuration and has the labeled and the test faces of the run.
std::optional<double> baseline_accuracy(const RunFolder& folder, const Config& run);

}  // namespace leaf
