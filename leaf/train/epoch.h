#pragma once

#include <c10/core/Device.h>

#include "leaf/batches/loader.h"
#include "leaf/data/dataset.h"
#include "leaf/train/observer.h"
#include "leaf/train/state.h"

namespace leaf {

/// What happens after each epoch (from 1): the algorithm adapts to the labeled faces; the moving average is measured on the
/// validation faces, and whether it is the best so far is noted in the state; the limit for outliers is found anew.
EpochReport end_epoch(State& state, const Loader& loader, const Pool& validation, int64_t epoch, torch::Device device);

}  // namespace leaf
