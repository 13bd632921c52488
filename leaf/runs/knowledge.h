#pragma once

#include "leaf/runs/cross_fit.h"
#include "leaf/runs/run_folder.h"

namespace leaf {

/// What a run finds out before it begins: what its teacher says of the unlabeled faces, calibrated by the labels, and which class
/// shares the unlabeled faces have. It is kept as known.json, and shown.
///
/// Shares are estimated where `imbalance.shares` is `unlabeled`: from the teacher's word, else from networks that held labels out
/// (cross_fit). `begin` makes sessions for these. A run that is continued has the shares that were `kept`. Throws Error where the
/// teacher cannot be read, knows other classes, or is another one than the run began with.
Knowledge find_out(const ResolvedConfig& config, const Pools& pools, const Json& kept, const BeginSession& begin,
                   Observer& observer);

/// Writes what find_out() found into the folder of a run, and reads it again: an empty object where there is none. Throws Error
/// when it is damaged.
void keep_knowledge(const Knowledge& known, const RunFolder& folder);
Json kept_knowledge(const RunFolder& folder);

}  // namespace leaf
