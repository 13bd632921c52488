#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// The category level: which classes of an unlabeled face count as positive, and how much the face counts (paper, section 3.4;
/// spec, section 2).
struct CategoryOptions {
  bool enabled = true;             ///< off: ordinary one-class pseudo-labels
  double mass = 0.9;               ///< T, the probability that the positive classes gather, (0, 1]
  int64_t max_positive = 3;        ///< k, at most so many positive classes; the face needs at least k + 1 classes
  std::string weight = "concave";  ///< shape of the weight over (a − d): linear, convex or concave
  /// with_first_negative: the mass counts the first negative class too, as in the authors' code.
  /// positives_only: the positive classes are the smallest set that has the mass itself.
  std::string counting = "with_first_negative";
};
void describe(Options& options, CategoryOptions& category);

/// What helps rare classes, whatever the algorithm.
struct ImbalanceOptions {
  std::string sampling = "none";  ///< labeled faces of a step: none = as they come, classes = every class equally often
  double logit_adjustment =
      0;  ///< τ: labeled faces are learned with logits + τ · log(share of the class) (Menon et al., ICLR 2021); 0 = off
  std::string alignment = "none";  ///< scales beliefs about unlabeled faces until their running mean is: uniform, or as the
                                   ///< labeled faces (ReMixMatch)
  double momentum = 0.999;         ///< of that running mean
  /// Which class shares the trained model expects of the faces it meets: those of its labeled faces, or those of the unlabeled
  /// ones, which are estimated after each epoch (class_shares.h). Chosen labels are often even, faces as they come are not.
  std::string shares = "labeled";
};
void describe(Options& options, ImbalanceOptions& imbalance);

/// Which unlabeled faces a step leaves out because they are unlike the labeled ones, whatever the algorithm.
struct OutlierOptions {
  /// none; distance: in each step, faces whose features lie farther from the labeled ones than held-out faces of the data set do;
  /// face_space: before training, pictures that are no faces by their pixels (FaceSpace).
  std::string reject = "none";
  int64_t neighbors = 5;   ///< distance: labeled faces that a face's distance is the mean over
  double quantile = 0.95;  ///< of the validation faces' distances: the limit; 1 − this is the share of good faces that goes too
  double factor = 1;       ///< on that limit; above 1 to reject less
};
void describe(Options& options, OutlierOptions& outliers);

/// When a face counts as confident (spec, sections 2 and 3).
struct ThresholdOptions {
  std::string kind = "adaptive";  ///< adaptive: one threshold a class, learned from labeled faces; fixed: one number
  double initial = 0.8;           ///< adaptive: every class before the first update
  double floor = 0.8;             ///< adaptive: no threshold falls below it
  double decay = 0.97;            ///< adaptive: factor on the mean confidence of correctly classified labeled faces
  double value = 0.95;            ///< fixed: the threshold
};
void describe(Options& options, ThresholdOptions& threshold);

}  // namespace leaf
