#pragma once

#include <torch/types.h>

#include <string>

#include "leaf/base/options.h"
#include "leaf/data/dataset.h"
#include "leaf/model/model.h"
#include "leaf/train/observer.h"
#include "leaf/views/options.h"

namespace leaf {

/// Measures an encoder's features as evaluation sees the faces: rank, uniformity and deviation on up to 2,000 of `faces`; where
/// both the labeled and the validation pool have faces, the two accuracies with up to 4,000 of each, those of the validation pool
/// being judged. Labels are read for that alone. `faces` must not be empty.
Representation measure_representation(Model& model, const Pool& faces, const Pool& labeled, const Pool& validation,
                                      const ViewOptions& views, torch::Device device);

/// Why features with these figures are of no use, or an empty text: all faces look alike (uniformity above −0.0005), or they
/// differ in one number only (an effective rank below 2).
std::string collapse(const Representation& representation);

Json to_json(const Representation& representation);

// The parts. n faces, D numbers of a feature, C classes; labels are [n] int64 in {0, …, C − 1}.

/// exp of the entropy of the normalized singular values of centered features [n, D] (Roy and Vetterli, EUSIPCO 2007), at most
/// min(n − 1, D); 0 when all rows are equal up to the precision of float32.
double effective_rank(const torch::Tensor& features);

/// log of the mean of exp(−2 ‖x − y‖²) over the pairs of features [n, D], n ≥ 2, brought to unit length (Wang and
/// Isola, ICML 2020).
double uniformity(const torch::Tensor& features);

/// The mean deviation of the D numbers of unit-length features [n, D] over the faces, times √D (Chen and He, CVPR 2021).
double spread(const torch::Tensor& features);

/// The share of `features` whose label their k nearest neighbors among `known` vote for, weighted by exp(cosine / 0.07) (Wu et
/// al., CVPR 2018).
double neighbor_accuracy(const torch::Tensor& known, const torch::Tensor& known_labels, const torch::Tensor& features,
                         const torch::Tensor& labels, int64_t k = 20);

/// The share of `features` whose label a multinomial logistic regression says that was fitted to `known`: standardized features,
/// classes as frequent as they are, a small L2 penalty, L-BFGS.
double probe_accuracy(const torch::Tensor& known, const torch::Tensor& known_labels, const torch::Tensor& features,
                      const torch::Tensor& labels);

}  // namespace leaf
