#pragma once

#include <optional>

#include "leaf/config/resolve.h"
#include "leaf/runs/run_folder.h"

namespace leaf {

// A run's baseline is supervised learning on its labeled faces: the same network, steps and labeled batches, no unlabeled face
// but for the estimate of class shares, where that is on. It is a run of its own in the folder `baseline` of the run (beside.h).

/// The baseline's configuration. Throws UsageError for a run that uses no unlabeled faces itself.
ResolvedConfig baseline_config(const ResolvedConfig& run);

/// Supervised learning for so many steps as a part of a run, on its labels alone: no shift, no teacher.
ResolvedConfig labels_alone(const ResolvedConfig& run, int64_t steps);

/// The test accuracy of the baseline in a run's folder, in [0, 1]; nothing unless it is finished, is the baseline of this
/// configuration and has the labeled and the test faces of the run.
std::optional<double> baseline_accuracy(const RunFolder& run_folder, const ResolvedConfig& run);

}  // namespace leaf
