#pragma once

#include <optional>
#include <string>
#include <vector>

#include "leaf/config/config.h"
#include "leaf/model/naming.h"
#include "leaf/recognize/model_file.h"
#include "leaf/train/metrics.h"

namespace leaf {

/// Weights that the encoder of a run begins with, and perhaps its classifier.
struct InitialWeights {
  BackboneFit fit;
  std::optional<ModelFile> model;  ///< where the file is a model of expressions
  int64_t views_seen = 0;          ///< in pretraining; 0 = unknown
  bool keeps_classifier = false;   ///< whether that of `model` goes on
  std::string classifier{};        ///< what became of the classifier: "kept", or "new: " and why
  std::optional<Metrics> test{};   ///< of a start whose classifier was kept, before training
  std::string source;              ///< the file, and a hash of its bytes
};

/// Reads `config.model.weights`: what `leaf import` and `leaf pretrain` write, a model of LEAF, the folder of a run of training
/// or pretraining, or a checkpoint of PyTorch. The run is to have the backbone and stem that the weights are of (with_encoder).
/// Makes networks, for which it takes numbers from torch's generator. Throws Error: no such file or a run that has no weights
/// yet, and weights that do not fill the whole encoder, with what fits and what does not.
InitialWeights read_initial_weights(const Config& config);

/// Lets `model` begin with the classifier of a model of expressions too, so that it says what that one says: classes are matched
/// by name (at least two; a class that it does not know begins at 0), levels that the other does not have begin by changing
/// nothing, and a shift of its logits goes into the biases. Returns "", or why the classifier begins anew. `options` are those of
/// `model`.
std::string keep_classifier(const ModelFile& from, const std::vector<std::string>& classes, const ModelOptions& options,
                            Model& model);

/// Makes the word of a classifier that was kept believable for the faces of the run: the calibration (leaf/ssl/class_shares.h) by
/// its labeled faces goes into weights and biases, so that the start expects their class shares. Not where an instance level acts
/// on its predictions. Returns the temperature.
double calibrate_classifier(const torch::Tensor& logits, const torch::Tensor& labels, Model& model);

/// What the run keeps of them: source, backbone, stem, how many tensors are used, which are left over, views_seen.
Json to_json(const InitialWeights& weights);

/// One line: what they are, and what else is in the file.
std::string summary(const InitialWeights& weights);

}  // namespace leaf
