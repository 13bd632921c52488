#pragma once

#include "leaf/data/dataset.h"
#include "leaf/train/advice.h"
#include "leaf/train/run_folder.h"

namespace leaf {

/// Gathers what advise() needs: the resolved configuration, the faces whose labels were learned, the test figures, and from the
/// run's folder its metrics.jsonl and its baseline (baseline.h). So a run that was continued gets the same advice.
Outcome outcome_of(const RunFolder& folder, const Config& config, const Pool& labeled, const Metrics& test);

}  // namespace leaf
