#pragma once

#include "leaf/runs/journal.h"
#include "leaf/runs/run_folder.h"
#include "leaf/train/observer.h"
#include "leaf/train/state.h"

namespace leaf {

/// Whether a run can be continued from a checkpoint.
bool has_checkpoint(const RunFolder& folder);

/// Writes the state as the run's last checkpoint, after the journal that it stands on; the checkpoint before is kept beside it.
/// Throws Error (full disk).
void save_checkpoint(const State& state, Journal& journal, const RunFolder& folder, const Json& identity);

/// Loads the last checkpoint of a run of `steps` steps, or the one before when the last is damaged, which it tells the observer.
/// Throws Error when both are damaged, or when they belong to another run.
void load_checkpoint(State& state, const RunFolder& folder, const Json& identity, int64_t steps, Observer& observer);

/// Where a signal has stopped the steps before the last of `steps`, saves how far they came and throws Stopped.
void leave_stopped(const State& state, int64_t steps, Journal& journal, const RunFolder& folder, const Json& identity);

}  // namespace leaf
