#pragma once

#include "leaf/config/resolve.h"
#include "leaf/pools/pools.h"
#include "leaf/runs/run_folder.h"
#include "leaf/train/observer.h"

namespace leaf {

// Runs that stand beside a run, in its folder. Each is begun or, where it was stopped, continued; a finished one is left. Throws
// Error when the folder holds one of another configuration and `force` is not set.

/// What `leaf train --baseline` does: supervised learning on the run's labeled faces, in its folder `baseline`.
void run_baseline(const ResolvedConfig& run, const Datasets& datasets, const Pools& pools, const RunFolder& folder, bool force,
                  Observer& observer);

/// What `leaf train --pretrain` does before it trains: `steps` steps on the run's pools, in its folder `pretraining`.
void pretrain_first(const ResolvedConfig& run, int64_t steps, const Pools& pools, const RunFolder& folder, bool force,
                    Observer& observer);

}  // namespace leaf
