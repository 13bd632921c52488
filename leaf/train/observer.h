#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "leaf/pools/pools.h"
#include "leaf/train/metrics.h"

namespace leaf {

/// What a run is about to do.
struct RunStart {
  std::string algorithm, backbone, device;
  std::vector<std::string> classes;
  LabelsSpent labels;
  int64_t unlabeled = 0;  ///< faces
  int64_t rejected = 0;   ///< unlabeled faces that were left out, since they are none (outliers.reject = face_space)
  int64_t first_step = 0, steps = 0;
  int64_t first_views = 0, views = 0;  ///< seen before the first step, and at the end
  int64_t parameters = 0;
  int64_t threads = 0;
};

/// One training step. Named figures are the loss terms (unweighted), their total and what the algorithm watches.
struct StepReport {
  int64_t step = 0;  ///< steps done, from 1
  std::vector<std::pair<std::string, double>> figures;
  int64_t views = 0;  ///< of this step
  double learning_rate = 0;
  double seconds = 0;  ///< of this step, waiting included
  double waiting = 0;  ///< seconds of it spent waiting for views
};

/// One epoch: what the moving average says of the validation faces.
struct EpochReport {
  int64_t epoch = 0, step = 0;
  Metrics validation;
  bool best = false;               ///< better than every epoch before
  std::vector<double> thresholds;  ///< one a class, when the algorithm has them
};

/// How good the features of an encoder are, of faces that it learned from without labels.
struct Representation {
  double rank = 0;  ///< effective rank: exp of the entropy of the centered features' singular values, 1…D; 0 = all are equal
  /// log mean exp(−2·squared distance) of pairs of unit-length features: 0 = all are equal, about −4 = spread evenly
  double uniformity = 0;
  double deviation = 0;  ///< mean deviation of a unit-length feature's numbers, times √D: 0 = all are equal, 1 = spread evenly
  std::optional<double> neighbors{};  ///< k-nearest-neighbor accuracy on the validation faces, where there are labels
  std::optional<double> probe{};      ///< that of a linear classifier on the features, likewise
};

/// One epoch of pretraining.
struct RepresentationReport {
  int64_t epoch = 0, step = 0;
  Representation representation;
};

/// Somebody who watches a run. Nothing it does can change the run.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A remark or warning, one line.
  virtual void on_note(const std::string& /*text*/) {}
  /// Long work outside of training: decoding faces, evaluating.
  virtual void on_progress(const std::string& /*what*/, int64_t /*done*/, int64_t /*total*/) {}
  virtual void on_start(const RunStart& /*start*/) {}
  virtual void on_step(const StepReport& /*report*/) {}
  virtual void on_epoch(const EpochReport& /*report*/) {}
  virtual void on_representation(const RepresentationReport& /*report*/) {}
};

/// An observer that passes everything on to another one, which must outlive it; others override what they are for.
class ForwardingObserver : public Observer {
 public:
  explicit ForwardingObserver(Observer& next) : next_(next) {}

  void on_note(const std::string& text) override { next_.on_note(text); }
  void on_progress(const std::string& what, int64_t done, int64_t total) override { next_.on_progress(what, done, total); }
  void on_start(const RunStart& start) override { next_.on_start(start); }
  void on_step(const StepReport& report) override { next_.on_step(report); }
  void on_epoch(const EpochReport& report) override { next_.on_epoch(report); }
  void on_representation(const RepresentationReport& report) override { next_.on_representation(report); }

 protected:
  Observer& next_;
};

}  // namespace leaf
