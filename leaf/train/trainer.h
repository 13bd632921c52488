#pragma once

#include <functional>

#include "leaf/data/dataset.h"
#include "leaf/data/loader.h"
#include "leaf/train/observer.h"
#include "leaf/train/state.h"

namespace leaf {

/// Faces spread evenly over the pool, at most `most` of them.
Pool sample_of(const Pool& pool, int64_t most);

/// What the model says of the faces of a pool, in evaluation mode and without gradients.
Predictions predict(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer = nullptr);

/// The confusion of those predictions; the pool's labels must all be known.
Metrics evaluate(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer = nullptr);

/// Takes the state from its step to the last one. After each epoch thresholds are adapted, class shares estimated, the moving
/// average is measured on the validation faces, and `checkpoint(is_best)` is called. Throws Error naming step and term when a
/// loss is not finite.
void train(State& state, const Loader& loader, const Pool& validation, const Config& config, Observer& observer,
           const std::function<void(bool best)>& checkpoint);

/// The steps alone, with `end_epoch` called after each epoch (from 1).
void take_steps(State& state, const Loader& loader, const Config& config, Observer& observer,
                const std::function<void(int64_t epoch)>& end_epoch);

/// The last step of epoch e (from 1) when `steps` are divided into `epochs` parts.
int64_t epoch_end(int64_t epoch, int64_t steps, int64_t epochs);

}  // namespace leaf
