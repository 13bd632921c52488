#pragma once

#include "leaf/data/dataset.h"
#include "leaf/data/pools.h"
#include "leaf/train/advice.h"
#include "leaf/train/config.h"
#include "leaf/train/observer.h"
#include "leaf/train/run_folder.h"

namespace leaf {

/// What came out of a run.
struct Report {
  Metrics test;         ///< of the best weights, measured once, at the end
  Metrics validation;   ///< of the same weights
  int64_t best_step = 0;
  int64_t steps = 0;
  int64_t views = 0;     ///< seen in training
  double seconds = 0;    ///< of training in this process
  Advice advice;
};

Json to_json(const Report& report);

/// The faces a configuration names, divided into pools; shows progress and remarks to the observer.
Pools load_pools(const Config& config, Observer& observer);

/// The two halves of load_pools(), for several runs on the same faces.
Datasets load_datasets(const Config& config, Observer& observer);
Pools divide_datasets(const Config& config, const Datasets& datasets, Observer& observer);

/// The configuration that a run folder keeps. Throws Error when it keeps none.
Config run_config(const RunFolder& folder);

/// Trains in a new run folder and tests. Throws Error when the folder holds something and `force` is not set.
Report run_experiment(Config config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer);

/// Takes the configured steps without a run folder, for their time.
void measure_steps(Config config, const Pools& pools, Observer& observer);

/// Continues the run in a folder from its last checkpoint; a finished run is only tested again.
Report resume_experiment(const RunFolder& folder, Observer& observer);
/// The same with its data sets loaded already.
Report resume_experiment(const RunFolder& folder, const Datasets& datasets, Observer& observer);

}  // namespace leaf
