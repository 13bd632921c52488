#pragma once

#include <functional>

#include "leaf/batches/loader.h"
#include "leaf/config/config.h"
#include "leaf/data/dataset.h"
#include "leaf/train/observer.h"
#include "leaf/train/state.h"

namespace leaf {

/// The steps from the state's own to the last one; `at_epoch_end` is called after each epoch (from 1). Throws Error naming step
/// and term when a loss is not finite.
void take_steps(State& state, const Loader& loader, const Config& config, Observer& observer,
                const std::function<void(int64_t epoch)>& at_epoch_end);

/// The same with end_epoch() (epoch.h) after each epoch; then `checkpoint(is_best)` is called.
void train(State& state, const Loader& loader, const Pool& validation, const Config& config, Observer& observer,
           const std::function<void(bool best)>& checkpoint);

/// The last step of epoch e (from 1) when `steps` are divided into `epochs` parts.
int64_t epoch_end(int64_t epoch, int64_t steps, int64_t epochs);

}  // namespace leaf
