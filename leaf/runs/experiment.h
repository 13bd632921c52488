#pragma once

#include "leaf/config/resolve.h"
#include "leaf/pools/make_pools.h"
#include "leaf/runs/advice.h"
#include "leaf/runs/report.h"
#include "leaf/runs/run_folder.h"
#include "leaf/train/observer.h"
#include "leaf/train/session.h"

namespace leaf {

/// What came out of a run.
struct Report {
  Metrics test;        ///< of the best weights, or the last without validation faces; measured once, at the end
  Metrics validation;  ///< of the same weights
  std::optional<CalibrationWorth> calibration{};  ///< on the test faces
  std::optional<SetMetrics> sets{};               ///< on the test faces
  LabelsSpent labels;
  int64_t best_step = 0;
  int64_t steps = 0;
  int64_t views = 0;              ///< seen in training
  int64_t pretraining_views = 0;  ///< seen before it, as the weights that it began with say; 0 = none or unknown
  double seconds = 0;             ///< of training in this process
  Advice advice;
};

Json to_json(const LabelsSpent& spent);
Json to_json(const Report& report);

/// The faces a configuration names, divided into pools; shows progress and remarks to the observer.
Pools load_pools(const Config& config, Observer& observer);

/// The two halves of load_pools(), for several runs on the same faces.
Datasets load_datasets(const Config& config, Observer& observer);
Pools divide_datasets(const Config& config, const Datasets& datasets, Observer& observer);

/// Throws Error where faces or labels are no longer those that the run in a folder began with (data.changed); the pools are those
/// of its continued_config().
void check_same_faces(const Config& config, const Pools& pools, const RunFolder& folder);
/// The faces of the run in a folder, checked so.
Pools divide_again(const Config& config, const Datasets& datasets, const RunFolder& folder, Observer& observer);

/// Makes a new run of any kind: its session, with the weights to begin with, and its folder with config.toml, split.json (of
/// `divided`), weights.json and broken.csv. What is left to the machine is chosen, torch's threads and generator are set. Throws
/// Error: see on_this_machine(), make_session(), read_initial_weights() and RunFolder::create().
Session begin_run(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, const Pools& divided, bool force,
                  Observer& observer);
/// Makes the session of a run that is there already, at its last checkpoint or, without one, at its start.
Session continue_run(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, const Pools& divided,
                     Observer& observer);

/// Trains in a new run folder and tests. Throws Error when the folder holds something and `force` is not set.
Report run_experiment(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer);

/// Takes the configured steps without a run folder, for their time.
void measure_steps(const LocalConfig& config, const Pools& pools, Observer& observer);

/// Continues the run in a folder from its last checkpoint; a finished run is only tested again.
Report resume_experiment(const RunFolder& folder, Observer& observer);
/// The same with its data sets loaded already.
Report resume_experiment(const RunFolder& folder, const Datasets& datasets, Observer& observer);

}  // namespace leaf
