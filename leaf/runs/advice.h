#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "leaf/config/config.h"
#include "leaf/train/metrics.h"

namespace leaf {

/// How a run came out, as far as its next step depends on that.
struct Outcome {
  Metrics test;
  std::vector<double> validation;  ///< accuracy after each epoch, in [0, 1]; empty without validation faces
  int64_t validation_faces = 0;
  int64_t steps = 0, views = 0;      ///< as configured; views = 0: the steps were given
  std::vector<int64_t> labels;       ///< [C] labeled faces of each class
  bool unlabeled = true;             ///< whether the algorithm learns from unlabeled faces
  bool pretrained = false;           ///< whether the encoder began with weights from elsewhere
  std::optional<double> confident;   ///< mean share of confident unlabeled faces in the last quarter of the steps
  std::optional<double> supervised;  ///< test accuracy of supervised learning on the same labeled faces, when that was run
  std::optional<double> start{};     ///< test accuracy of the weights that it began with, where these know the classes
  std::string more_confident;        ///< what makes more faces confident: see more_confident()
};

/// What is said of a run when it ends.
struct Advice {
  std::pair<double, double> interval;  ///< of the test accuracy, 95 %, in [0, 1]
  std::optional<double> supervised;    ///< as in the outcome
  std::string weakest;                 ///< the class with the lowest recall; "" = no class has a test face
  double weakest_recall = 0;
  std::string next;      ///< the best next step
  std::string sentence;  ///< all of it
};

/// A function of the figures alone; empty texts without test faces. Of these the first that holds is the next step: training
/// that cost accuracy beside its start, unlabeled faces that cost accuracy, hardly any confident face, validation accuracy that
/// still rose, a weak class with few labels, random weights to begin with; else more labels.
Advice advise(const Outcome& outcome);

Json to_json(const Advice& advice);

/// Wilson's 95 % interval of a share of `right` faces of n, n ≥ 1.
std::pair<double, double> binomial_interval(double share, int64_t n);
/// The standard error of a share of n faces, 0 for none.
double sampling_error(double share, int64_t n);

/// The options to try, as "--set …", when too few faces reach the threshold of a resolved configuration; "" when it has none.
std::string more_confident(const Config& config);

}  // namespace leaf
