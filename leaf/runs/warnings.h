#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "leaf/config/resolve.h"
#include "leaf/train/observer.h"

namespace leaf {

/// Says early that a run goes nowhere: each of these once, as a note with the figures and the option to try. Everything else is
/// passed on as it is.
///
///  * No unlabeled face was confident in as many steps with such faces as are a fifth of all (at least 100, at most 500).
///  * One class had more than 90 % of what was believed of the unlabeled faces, over 200 steps, with three classes or more.
///  * Validation accuracy was below its best by more than twice its sampling error for three epochs on end.
///
/// A run that is continued is watched from where it continues.
class Warnings : public ForwardingObserver {
 public:
  Warnings(const ResolvedConfig& config, Observer& next);

  void on_start(const RunStart& start) override;
  void on_step(const StepReport& report) override;
  void on_epoch(const EpochReport& report) override;

 private:
  void watch_confidence(int64_t step, double confident);
  void watch_classes(int64_t step, double largest_class, double confident);

  const std::string more_confident_, spread_, slower_;  ///< options to try
  const bool few_faces_;                                ///< too few unlabeled faces a step to tell what their classes share
  RunStart start_;
  int64_t first_unlabeled_ = 0;  ///< the first step that was seen with unlabeled faces
  bool confidence_done_ = false, classes_done_ = false, falling_done_ = false;  ///< said, or no longer true
  std::deque<std::pair<double, double>> latest_;  ///< largest class and confident share of the latest steps
  Metrics best_;
  int64_t best_step_ = 0, below_ = 0;  ///< epochs on end below the best
};

}  // namespace leaf
