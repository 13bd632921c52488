#pragma once

#include <memory>
#include <string>
#include <vector>

#include "leaf/data/dataset.h"
#include "leaf/data/options.h"

namespace leaf {

/// What a training run is made of; the four share no face.
struct Pools {
  Pool labeled, unlabeled, validation, test;
  bool validation_outside = false;   ///< the labels to choose by are outside of the budget: somebody named them
  std::vector<std::string> remarks;  ///< where the parts come from, what was left out
  Json fingerprint{};                ///< of the faces in the split file that they were read from; null = unknown
};

/// The data sets behind the pools; several may be one and the same.
struct Datasets {
  std::shared_ptr<const Dataset> source;
  std::shared_ptr<const Dataset> unlabeled;             ///< null = the rest of `source`
  std::shared_ptr<const Dataset> test;                  ///< null = the test part of `source`
  std::shared_ptr<const Dataset> foreign = nullptr;     ///< null = none
  std::shared_ptr<const Dataset> validation = nullptr;  ///< null = none but what `source` has
};

/// How the labels of a run are spent.
struct LabelsSpent {
  int64_t learned = 0, choosing = 0, test = 0;  ///< faces; those of `choosing` choose the best epoch
  bool outside = false;                         ///< `choosing` is outside of the budget, data.labels
  bool tuning = false;                          ///< what is tested on is for tuning, not for a report (data.test_half)
};

LabelsSpent labels_spent(const Pools& pools, const DataOptions& options);
/// For people: "200 labels to learn, none to choose the best epoch, 40 more to test".
std::string to_text(const LabelsSpent& spent);

/// The faces of both pools, those of the second behind the others and, where it is of another data set, without labels.
Pool joined(const Pool& first, const Pool& second);

/// The faces of `own`, with its name, classes and rows, and behind them those of `other`, without labels and with `prefix` before
/// their names. `own` itself when there is no other.
std::shared_ptr<const Dataset> joined(const std::shared_ptr<const Dataset>& own, const std::shared_ptr<const Dataset>& other,
                                      const std::string& prefix);

/// A data set whose labels are indices into `classes`; `left_out` counts the faces whose class is none of them or unknown, which
/// become unlabeled.
std::shared_ptr<const Dataset> with_classes(const std::shared_ptr<const Dataset>& dataset,
                                            const std::vector<std::string>& classes, int64_t& left_out);

}  // namespace leaf
