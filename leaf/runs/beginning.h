#pragma once

#include <optional>

#include "leaf/pools/pools.h"
#include "leaf/runs/initial_weights.h"
#include "leaf/runs/run_folder.h"
#include "leaf/train/observer.h"
#include "leaf/train/session.h"

namespace leaf {

/// What a run began with, beside its configuration.
struct Beginning {
  const std::optional<InitialWeights>& weights;
  const Knowledge& known;
  const Pools& divided;
  const DataOptions& data;
};

/// Keeps it in the run's folder (weights.json, known.json, split.json and broken.csv) and tells what the encoder begins with.
/// Throws Error (full disk).
void keep_beginning(const Beginning& begun, const RunFolder& folder, Observer& observer);

/// What a run remembers of the weights that it began with.
struct Origin {
  int64_t views_seen = 0;               ///< before the run
  std::optional<double> test_accuracy;  ///< of a start that knows expressions, in [0, 1]
};

/// Read from weights.json; nothing where the run began with none. Throws Error when it is damaged.
Origin origin_of(const RunFolder& folder);

}  // namespace leaf
