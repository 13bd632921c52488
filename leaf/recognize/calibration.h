#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <vector>

#include "leaf/base/json.h"

namespace leaf {

inline constexpr double kUsualCoverage = 0.9;  ///< of sets, where none is asked for

/// What a trained model's word is worth, told by faces that it did not learn: how sure it may be, and how unlikely it may find
/// the right class. Kept in the file of the model (docs/formats.md).
struct ModelCalibration {
  double temperature = 1;           ///< the model's probabilities are softmax(logits / temperature); the likeliest class stays
  std::vector<double> scores = {};  ///< conformal_scores() of the right classes, ascending, at most 1,000
  std::string fitted_on = {};       ///< "folds": the labeled faces, by networks that had not learned them; or "validation"
  int64_t faces = 0;                ///< so many
};

/// The temperature (Guo et al., ICML 2017) under which the labels [n] are most probable, 0.1…10; `logits` [n, C] are of faces
/// that were not learned. Faces may be few, so that logits as they are count as well: a normal prior of precision 2 on
/// 1 / temperature around 1, as in calibrate() (leaf/ssl/class_shares.h). 1 for n = 0.
double fit_temperature(const torch::Tensor& logits, const torch::Tensor& labels);

/// How unlikely each class is beside the others of its face, [n, C] from probabilities [n, C].
torch::Tensor conformal_scores(const torch::Tensor& probabilities);

/// Both, from logits [n, C] and labels [n], n ≥ 1.
ModelCalibration fit_calibration(const torch::Tensor& logits, const torch::Tensor& labels, const std::string& fitted_on);

/// The largest score of a class in a set, so that sets hold the right class with a probability of at least `coverage` where faces
/// are as those of the calibration: its score of rank ⌈(n + 1) · coverage⌉, infinite where there are fewer.
double score_limit(const ModelCalibration& calibration, double coverage);

/// The classes of each face that hold the right one at a coverage, [n, C] bool from probabilities [n, C]: those up to the limit.
/// Without a calibration, the likeliest ones whose probabilities add up to the coverage, which promises nothing. The likeliest
/// class is always one of them.
torch::Tensor class_sets(const torch::Tensor& probabilities, const std::optional<ModelCalibration>& calibration, double coverage);

/// What sets are worth on faces with labels.
struct SetMetrics {
  double asked = 0;      ///< the coverage that was asked for
  double coverage = 0;   ///< share of the faces whose set holds the right class; 0 without a face
  double mean_size = 0;  ///< classes a set; 0 without a face
};

/// `sets` [n, C] bool at a coverage, `labels` [n].
SetMetrics measure_sets(const torch::Tensor& sets, const torch::Tensor& labels, double coverage);

Json to_json(const SetMetrics& metrics);
Json to_json(const ModelCalibration& calibration);
/// Throws Error, naming the file `name`, where it is none that to_json() makes.
ModelCalibration read_calibration(const Json& json, const std::string& name);

}  // namespace leaf
