#pragma once

#include "leaf/data/dataset.h"
#include "leaf/train/config.h"

namespace leaf {

/// Throws UsageError when options do not go with an algorithm that is self-supervised, or is not: labeled faces in a step of one
/// that uses no labels, or none in a step of another; fewer than two unlabeled ones; what needs labels; LEAF's levels, which
/// would come between encoder and loss.
void check_unlabeled(const Config& config, bool self_supervised);

/// Throws Error unless there are faces to learn from, and in self-supervised learning enough for one step.
void check_faces(const Config& config, const Pools& pools, bool self_supervised);

}  // namespace leaf
