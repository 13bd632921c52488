#pragma once

#include <string>

#include "leaf/config/config.h"
#include "leaf/model/naming.h"

namespace leaf {

/// Weights that the encoder of a run begins with.
struct InitialWeights {
  BackboneFit fit;
  int64_t views_seen = 0;  ///< in pretraining; 0 = unknown
  std::string source;      ///< the file, and a hash of its bytes
};

/// Reads `config.model.weights`: what `leaf import` and `leaf pretrain` write, a model of LEAF, the folder of a run of training
/// or pretraining, or a checkpoint of PyTorch. The run is to have the backbone and stem that the weights are of (with_encoder).
/// Makes networks, for which it takes numbers from torch's generator. Throws Error: no such file or a run that has no weights
/// yet, and weights that do not fill the whole encoder, with what fits and what does not.
InitialWeights read_initial_weights(const Config& config);

/// What the run keeps of them: source, backbone, stem, how many tensors are used, which are left over, views_seen.
Json to_json(const InitialWeights& weights);

/// One line: what they are, and what else is in the file.
std::string summary(const InitialWeights& weights);

}  // namespace leaf
