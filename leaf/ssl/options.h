#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

// What each option means is said once, in describe().

/// The category level: which classes of an unlabeled face count as positive, and how much the face counts (paper, section 3.4;
/// docs/paper.md, The objective).
struct CategoryOptions {
  bool enabled = true;
  double mass = 0.9;               ///< T
  int64_t max_positive = 3;        ///< k; a face needs at least k + 1 classes
  std::string weight = "concave";  ///< as a function of a − d: see ambiguous_labels()
  /// positives_only: the positive classes are the smallest set that has the mass itself.
  std::string counting = "with_first_negative";
};

inline void describe(Options& options, CategoryOptions& category) {
  options.enter("category");
  options.add("enabled", category.enabled, "ambiguous pseudo-labels instead of one class");
  options.add("mass", category.mass, "probability that the positive classes gather (T)", 1e-6, 1);
  options.add("max_positive", category.max_positive, "at most so many positive classes (k)", 1, 1000);
  options.add("weight", category.weight, "shape of a face's weight", {"linear", "convex", "concave"});
  options.add("counting", category.counting, "whether the mass counts the first negative class, as the authors' code does",
              {"with_first_negative", "positives_only"});
  options.leave();
}

/// What helps rare classes, whatever the algorithm.
struct ImbalanceOptions {
  std::string sampling = "none";
  double logit_adjustment = 0;     ///< τ (Menon et al., ICLR 2021)
  std::string alignment = "none";  ///< ReMixMatch (Berthelot et al., ICLR 2020)
  double momentum = 0.999;
  /// Chosen labels are often even, faces as they come are not: the shares of the unlabeled faces are estimated before the run
  /// (class_shares.h).
  std::string shares = "labeled";
  std::string aim = "accuracy";  ///< of the finished model; what is believed in training follows `shares`
};

inline void describe(Options& options, ImbalanceOptions& imbalance) {
  options.enter("imbalance");
  options.add("sampling", imbalance.sampling, "draw labeled faces as they come, or every class equally often",
              {"none", "classes"});
  options.add("logit_adjustment", imbalance.logit_adjustment,
              "labeled faces are learned with logits + this · log(share of the class); 0 = off", 0, 10);
  options.add(
      "alignment", imbalance.alignment,
      "what the mean belief about unlabeled faces is scaled to: even shares, or those of the labeled faces (with shares = "
      "unlabeled: as estimated)",
      {"none", "uniform", "labeled"});
  options.add("momentum", imbalance.momentum, "of the running mean that alignment divides by", 0, 1);
  options.add("shares", imbalance.shares,
              "class shares that the model expects: of the labeled faces, or as estimated of the unlabeled ones",
              {"labeled", "unlabeled"});
  options.add(
      "aim", imbalance.aim,
      "what the finished model is for: accuracy on faces as they come, or balanced accuracy, where every class counts the "
      "same",
      {"accuracy", "balanced"});
  options.leave();
}

/// Somebody else's model of expressions that a run begins to learn from (leaf/runs/teacher.h): any model of LEAF, its classes
/// matched by name.
struct TeacherOptions {
  std::string model;
  double first = 0.9;
  int64_t batch = 48;
  double trust = 0.8;
};

inline void describe(Options& options, TeacherOptions& teacher) {
  options.enter("teacher");
  options.add("model", teacher.model,
              "a model of expressions, or the folder of a run, whose probabilities of the unlabeled faces are learned first and "
              "believed in part after that; empty = none");
  options.add("first", teacher.first, "share of the views in which labels and teacher alone are learned", 0, 1);
  options.add("batch", teacher.batch, "unlabeled faces a step in that time", 1, 65536);
  options.add("trust", teacher.trust,
              "how much the teacher counts in what is believed of an unlabeled face after that, beside the network itself", 0, 1);
  options.leave();
}

/// Which unlabeled faces a step leaves out because they are unlike the labeled ones, whatever the algorithm: by OutlierFilter
/// (distance) or by FaceSpace (face_space).
struct OutlierOptions {
  std::string reject = "none";
  int64_t neighbors = 5;
  double quantile = 0.95;  ///< 1 − this is the share of good faces that goes too
  double factor = 1;
};

inline void describe(Options& options, OutlierOptions& outliers) {
  options.enter("outliers");
  options.add("reject", outliers.reject,
              "leave out unlabeled faces that lie farther from the labeled ones than validation faces do: by the network's "
              "features in each step, or by their pixels before training",
              {"none", "distance", "face_space"});
  options.add("neighbors", outliers.neighbors, "distance: nearest labeled faces that it is the mean over", 1, 1000);
  options.add("quantile", outliers.quantile, "of the validation faces' distances: the limit", 0, 1);
  options.add("factor", outliers.factor, "on the limit; above 1 to reject less", 0, 100);
  options.leave();
}

/// When a face counts as confident (docs/paper.md, The objective and Training).
struct ThresholdOptions {
  std::string kind = "adaptive";
  double initial = 0.8;
  double floor = 0.8;
  double decay = 0.97;
  double value = 0.95;
};

inline void describe(Options& options, ThresholdOptions& threshold) {
  options.enter("threshold");
  options.add("kind", threshold.kind, "one learned threshold a class, or one fixed number", {"adaptive", "fixed"});
  options.add("initial", threshold.initial, "adaptive: threshold of every class at the start", 0, 1);
  options.add("floor", threshold.floor, "adaptive: smallest threshold", 0, 1);
  options.add("decay", threshold.decay, "adaptive: factor on the mean confidence of correct labeled faces", 0, 1);
  options.add("value", threshold.value, "fixed: the threshold", 0, 1);
  options.leave();
}

}  // namespace leaf
