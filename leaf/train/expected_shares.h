#pragma once

#include "leaf/data/loader.h"
#include "leaf/train/state.h"

namespace leaf {

/// Gives the model and its average the class shares that the unlabeled faces seem to have (estimate_shares, from a sample of
/// them) and the validation faces say (agreed_shift). `validation` holds what the
/// average says of these, and follows the change. Nothing happens without ModelImpl::shift or without unlabeled faces.
void expect_unlabeled_shares(State& state, const Loader& loader, Predictions& validation, torch::Device device);

}  // namespace leaf
