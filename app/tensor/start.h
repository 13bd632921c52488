#pragma once

#include "leaf/config/config.h"
#include "leaf/train/observer.h"

namespace leaf::app {

/// Chooses what a run begins with where nobody said it (no weights, teacher, backbone, recipe or method): the best that
/// scripts/weights keeps on this machine, else random numbers. Says which, and why. The choice becomes part of the configuration.
void choose_start(Config& config, Observer& observer);

/// Gives weights that are a model of expressions with a head of its own kind the recipe `continued`, where the recipe is open:
/// its classifier can then be kept.
void recognize_start(Config& config);

}  // namespace leaf::app
