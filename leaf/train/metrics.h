#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/base/options.h"

namespace leaf {

/// How well one class is recognized.
struct ClassMetrics {
  double precision = 0;  ///< in [0, 1]; 0 when the class was never predicted
  double recall = 0;     ///< in [0, 1]; 0 when the class has no face
  double f1 = 0;         ///< harmonic mean of the two
  int64_t support = 0;   ///< faces of the class
};

/// The faces whose likeliest class has a probability within one fifteenth of [0, 1].
struct ReliabilityBin {
  int64_t faces = 0;
  double confidence = 0;  ///< mean probability of the likeliest class; 0 without a face
  double accuracy = 0;    ///< share of right answers; 0 without a face
};

/// What predictions are worth, as the field reports it.
struct Metrics {
  std::vector<std::string> classes;
  std::vector<std::vector<int64_t>> confusion;  ///< [C][C], row = true class, column = predicted class
  std::vector<ClassMetrics> per_class;          ///< [C]
  int64_t faces = 0;
  double accuracy = 0;           ///< share of right answers (WAR)
  double balanced_accuracy = 0;  ///< mean recall of the classes that have a face (UAR)
  double macro_f1 = 0;           ///< mean F1 of the classes that have a face
  /// Expected calibration error, 0…1: the mean over the faces of |confidence − accuracy| of their bin, with 15 bins of equal
  /// width (Guo et al., ICML 2017).
  double calibration_error = 0;
  std::vector<ReliabilityBin> reliability;  ///< [15]; empty where no probabilities were given

  /// Index of the class with the lowest recall among those with a face; −1 when there is none.
  int64_t weakest() const;
};

/// `labels` and `predicted` are class indices, of equal length, `confidences` the probabilities of the predicted classes, of the
/// same length or none. All figures of an empty list are 0.
Metrics measure(const std::vector<std::string>& classes, const std::vector<int64_t>& labels,
                const std::vector<int64_t>& predicted, const std::vector<double>& confidences = {});

Json to_json(const Metrics& metrics);
/// "true\predicted,neutral,…" and one row a class, counts.
std::string confusion_csv(const Metrics& metrics);
/// "class,precision,recall,f1,support" and one row a class.
std::string classes_csv(const Metrics& metrics);
/// "confidence,accuracy,faces" and one row a bin.
std::string reliability_csv(const Metrics& metrics);
/// The figures and the matrix in percent, for a terminal.
std::string to_text(const Metrics& metrics);

}  // namespace leaf
