#include "leaf/runs/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leaf/base/text.h"

namespace leaf {
namespace {

constexpr double kFewConfident = 0.05;  ///< share of the unlabeled faces that hardly teaches anything
constexpr double kFarBelow = 0.15;      ///< recall below the other classes' mean from which a class is weak
constexpr int64_t kManyLabels = 200;    ///< labeled faces of a class from which more of them help little
constexpr double kWantedScale = 16;     ///< on unit-length features, so that probabilities can come near 1 (docs/results.md)
constexpr double kLower = 0.8;          ///< of a threshold that is too high

double mean(std::vector<double>::const_iterator begin, std::vector<double>::const_iterator end) {
  return std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
}

std::string below_start(const Outcome& outcome) {
  if (!outcome.start || *outcome.start <= outcome.test.accuracy) return "";
  return "keep the model that the run began with, which is better; or name it with --teacher too, so that less of it is "
         "forgotten, "
         "or take a smaller optimizer.learning_rate";
}

std::string harm(const Outcome& outcome) {
  if (!outcome.unlabeled || !outcome.supervised) return "";
  const double lost = *outcome.supervised - outcome.test.accuracy;
  if (lost <= 2 * sampling_error(outcome.test.accuracy, outcome.test.faces)) return "";
  return "train with --algorithm supervised, or leave out unlabeled faces that do not belong with --set outliers.reject=distance";
}

std::string few_confident(const Outcome& outcome) {
  if (!outcome.confident || *outcome.confident >= kFewConfident || outcome.more_confident.empty()) return "";
  return fmt::format("{}, since only {:.1f} % of the unlabeled faces were confident in the last quarter", outcome.more_confident,
                     100 * *outcome.confident);
}

/// Compares the last quarter of the epochs with the one before.
std::string still_rising(const Outcome& outcome) {
  const auto& found = outcome.validation;
  const auto quarter = static_cast<std::ptrdiff_t>(found.size() / 4);
  if (quarter == 0) return "";
  const double last = mean(found.end() - quarter, found.end()), before = mean(found.end() - 2 * quarter, found.end() - quarter);
  if (last - before <= sampling_error(last, outcome.validation_faces)) return "";
  const auto longer =
      outcome.views > 0 ? fmt::format("--views {}", 2 * outcome.views) : fmt::format("--steps {}", 2 * outcome.steps);
  return fmt::format("{}, since validation accuracy still rose at the end, from {:.1f} % to {:.1f} %", longer, 100 * before,
                     100 * last);
}

std::string weak_class(const Outcome& outcome, int64_t weakest) {
  const auto& own = outcome.test.per_class[weakest];
  double others = 0, count = 0;
  for (const auto& other : outcome.test.per_class) {
    if (&other == &own || other.support == 0) continue;
    others += other.recall;
    ++count;
  }
  const int64_t labels = outcome.labels[weakest];
  if (count == 0 || labels >= kManyLabels) return "";
  others /= count;
  if (others - own.recall <= std::max(kFarBelow, 2 * sampling_error(own.recall, own.support))) return "";
  return fmt::format("label more faces of {}, which has {}; the other classes reach {:.1f} % on average",
                     outcome.test.classes[weakest], labels, 100 * others);
}

std::string next_step(const Outcome& outcome, int64_t weakest) {
  for (const auto& step :
       {below_start(outcome), harm(outcome), few_confident(outcome), still_rising(outcome), weak_class(outcome, weakest)}) {
    if (!step.empty()) return step;
  }
  if (!outcome.pretrained)
    return "begin with weights instead of random numbers: leaf pretrain makes them of faces without labels, --weights uses them";
  const auto all = std::accumulate(outcome.labels.begin(), outcome.labels.end(), int64_t{0});
  return fmt::format("label more faces; {} are labeled", grouped(all));
}

std::string beside_start(const Outcome& outcome) {
  if (!outcome.start) return "";
  const double points = 100 * (outcome.test.accuracy - *outcome.start);
  return fmt::format("; it began with {:.1f} %: training {} {:.1f} points", 100 * *outcome.start, points < 0 ? "cost" : "brought",
                     std::abs(points));
}

std::string comparison(const Outcome& outcome) {
  if (!outcome.unlabeled) return "";
  if (!outcome.supervised) return "; supervised learning alone was not run (--baseline)";
  const double points = 100 * (outcome.test.accuracy - *outcome.supervised);
  return fmt::format("; supervised learning alone gave {:.1f} %: the unlabeled faces {} {:.1f} points", 100 * *outcome.supervised,
                     points < 0 ? "cost" : "brought", std::abs(points));
}

}  // namespace

double sampling_error(double share, int64_t n) { return n > 0 ? std::sqrt(share * (1 - share) / static_cast<double>(n)) : 0; }

std::pair<double, double> binomial_interval(double share, int64_t n) {
  constexpr double kDeviations = 1.959964;
  const double faces = static_cast<double>(n), z = kDeviations * kDeviations / faces;
  const double middle = (share + z / 2) / (1 + z), half = std::sqrt(z * share * (1 - share) + z * z / 4) / (1 + z);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Advice advise(const Outcome& outcome) {
  Advice advice;
  advice.supervised = outcome.supervised;
  const int64_t weakest = outcome.test.weakest();
  if (weakest < 0) return advice;
  const auto& own = outcome.test.per_class[weakest];
  advice.interval = binomial_interval(outcome.test.accuracy, outcome.test.faces);
  advice.weakest = outcome.test.classes[weakest];
  advice.weakest_recall = own.recall;
  advice.next = next_step(outcome, weakest);
  advice.sentence = fmt::format(
      "accuracy {:.1f} % (95 % interval {:.1f} to {:.1f}){}{}; weakest class: {}, {:.1f} % of {} faces right; next: {}",
      100 * outcome.test.accuracy, 100 * advice.interval.first, 100 * advice.interval.second, beside_start(outcome),
      comparison(outcome), advice.weakest, 100 * own.recall, own.support, advice.next);
  return advice;
}

Json to_json(const Advice& advice) {
  return {{"interval", {advice.interval.first, advice.interval.second}},
          {"supervised_accuracy", advice.supervised ? Json(*advice.supervised) : Json()},
          {"weakest_class", advice.weakest},
          {"weakest_recall", advice.weakest_recall},
          {"next_step", advice.next},
          {"sentence", advice.sentence}};
}

std::string more_confident(const Config& config) {
  if (config.model.unit_length && config.model.scale < kWantedScale && !config.model.learn_scale) {
    return fmt::format("--set model.scale={:g}", kWantedScale);
  }
  const auto& own = config.algorithm_options;
  std::vector<std::string> keys = {"threshold"};
  if (own.contains("threshold.kind")) {
    keys = own.at("threshold.kind") == "fixed" ? std::vector<std::string>{"threshold.value"}
                                               : std::vector<std::string>{"threshold.initial", "threshold.floor"};
  }
  std::string text;
  for (const auto& key : keys) {
    if (!own.contains(key)) continue;
    text += fmt::format("{}--set algorithm.{}={:.2g}", text.empty() ? "" : " ", key, kLower * own.at(key).get<double>());
  }
  return text;
}

}  // namespace leaf
