#pragma once

#include <c10/core/Device.h>

#include "leaf/data/dataset.h"
#include "leaf/model/model.h"
#include "leaf/ssl/algorithm.h"
#include "leaf/train/metrics.h"
#include "leaf/train/observer.h"
#include "leaf/views/options.h"

namespace leaf {

/// What the model says of the faces of a pool, as they are, in evaluation mode and without gradients; at least one face, else
/// throws Error. Everything is on the processor.
Predictions predict(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer = nullptr);

/// The figures of predictions whose probabilities are softmax(logits / temperature); the pool's labels must all be known.
Metrics measured(const Pool& pool, const Predictions& predictions, double temperature = 1);

/// Both.
Metrics evaluate(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer = nullptr);

}  // namespace leaf
