#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "leaf/train/session.h"

namespace leaf {

/// What networks that learned a part of the labels say of the rest. None of it is learned by heart, so it can be calibrated.
struct CrossFit {
  torch::Tensor held_out;                ///< [n, C] logits of each labeled face by the network that did not learn it
  torch::Tensor labels;                  ///< [n]
  std::vector<torch::Tensor> unlabeled;  ///< of each network, [m, C] logits of a sample of the unlabeled faces
};

/// Makes the session of a run at its start; the pools must outlive it.
using BeginSession = std::function<Session(const ResolvedConfig& config, const Pools& pools)>;

/// Divides the labeled faces into folds, stratified by class, and learns the labels outside of each: supervised, from the start
/// and with the network of the run, no longer than labels teach anything and, all folds together, a small share of the run's
/// views. The unlabeled faces' labels are not read. A run of one labeled face cannot be divided: no face is held out then.
CrossFit cross_fit(const ResolvedConfig& run, const Pools& pools, const BeginSession& begin, Observer& observer);

/// The same to calibrate a finished run by: no unlabeled face is judged, all folds together take at most a quarter of the run's
/// views and as many steps as it, of its labels alone, and the moving average becomes longer as it goes, so that a short fold is
/// judged by what it learned. A run that leaves a fold fewer than ten steps has no face held out.
CrossFit cross_fit_labels(const ResolvedConfig& run, const Pools& pools, const BeginSession& begin, Observer& observer);

}  // namespace leaf
