#include "leaf/runs/warnings.h"

#include <fmt/format.h>

#include <algorithm>

#include "leaf/base/text.h"
#include "leaf/runs/advice.h"

namespace leaf {
namespace {

constexpr int64_t kLeastSteps = 100, kMostSteps = 500;  ///< to wait for a confident face
constexpr size_t kClassSteps = 200;                     ///< over which one class is too much
constexpr double kOneClass = 0.9, kSomeConfident = 0.05;
constexpr int64_t kFewFaces = 8;  ///< of which one class may well have all
constexpr int64_t kEpochsBelow = 3;
constexpr double kErrors = 2;

const double* find(const StepReport& report, const std::string& name) {
  for (const auto& [key, value] : report.figures) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string slower(const Config& config) {
  return fmt::format("--set optimizer.learning_rate={:.2g}", config.optimizer.learning_rate / 2);
}

/// What spreads pseudo-labels over the classes.
std::string spread_of(const ResolvedConfig& config) {
  const bool aligned = config.description().aligns || config->imbalance.alignment != "none";
  return aligned ? slower(*config) : "--set imbalance.alignment=uniform";
}

}  // namespace

Warnings::Warnings(const ResolvedConfig& config, Observer& next)
    : ForwardingObserver(next),
      more_confident_(more_confident(*config)),
      spread_(spread_of(config)),
      slower_(slower(*config)),
      few_faces_(config->train.unlabeled_batch < kFewFaces) {}

void Warnings::on_start(const RunStart& start) {
  start_ = start;
  first_unlabeled_ = 0;
  confidence_done_ = more_confident_.empty();
  classes_done_ = start.classes.size() < 3 || few_faces_;
  next_.on_start(start);
}

void Warnings::on_step(const StepReport& report) {
  next_.on_step(report);
  const auto *confident = find(report, "confident"), *largest = find(report, "largest_class");
  if (confident != nullptr) watch_confidence(report.step, *confident);
  if (largest != nullptr) watch_classes(report.step, *largest, confident != nullptr ? *confident : 1);
}

void Warnings::watch_confidence(int64_t step, double confident) {
  if (confidence_done_) return;
  if (first_unlabeled_ == 0) first_unlabeled_ = step;  // the first steps may have labeled faces alone
  const int64_t wait = std::clamp(start_.steps / 5, kLeastSteps, kMostSteps);
  confidence_done_ = confident > 0 || step - first_unlabeled_ + 1 >= wait;
  if (!confidence_done_ || confident > 0) return;
  next_.on_note(
      fmt::format("warning: no unlabeled face was confident in steps {} to {} of {}, so no pseudo-label is learned; try {}",
                  grouped(first_unlabeled_), grouped(step), grouped(start_.steps), more_confident_));
}

void Warnings::watch_classes(int64_t step, double largest_class, double confident) {
  if (classes_done_) return;
  latest_.emplace_back(largest_class, confident);
  if (latest_.size() > kClassSteps) latest_.pop_front();
  if (latest_.size() < kClassSteps) return;
  double largest = 0, sure = 0;
  for (const auto& [share, of_confident] : latest_) largest += share / kClassSteps, sure += of_confident / kClassSteps;
  if (largest <= kOneClass || sure <= kSomeConfident) return;
  classes_done_ = true;
  next_.on_note(fmt::format(
      "warning: one of {} classes takes {:.0f} % of the unlabeled faces in the {} steps up to {}; try {}, or a smaller "
      "weight of the unlabeled faces",
      start_.classes.size(), 100 * largest, kClassSteps, grouped(step), spread_));
}

void Warnings::on_epoch(const EpochReport& report) {
  next_.on_epoch(report);
  const auto& found = report.validation;
  if (found.faces == 0 || falling_done_) return;
  if (found.accuracy >= best_.accuracy) {
    best_ = found;
    best_step_ = report.step;
  }
  const double error = sampling_error(best_.accuracy, best_.faces);
  below_ = found.accuracy < best_.accuracy - kErrors * error ? below_ + 1 : 0;
  if (below_ < kEpochsBelow) return;
  falling_done_ = true;
  next_.on_note(fmt::format(
      "warning: validation accuracy has been below its best for {} epochs: {:.1f} % now, {:.1f} ± {:.1f} % at step {}, whose "
      "weights are kept; try {} or fewer steps",
      kEpochsBelow, 100 * found.accuracy, 100 * best_.accuracy, 100 * error, grouped(best_step_), slower_));
}

}  // namespace leaf
