#include "leaf/train/outcome.h"

#include <sstream>

#include "leaf/base/bytes.h"
#include "leaf/data/split.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/baseline.h"

namespace leaf {
namespace {

/// Takes what the journal says of validation and of confident faces.
void read_journal(const std::filesystem::path& path, Outcome& outcome) {
  double sum = 0, count = 0;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    const auto entry = Json::parse(line);
    if (entry.at("event") == "epoch") {
      const auto& validation = entry.at("validation");
      outcome.validation_faces = validation.at("faces").get<int64_t>();
      if (outcome.validation_faces > 0) outcome.validation.push_back(validation.at("accuracy").get<double>());
    } else if (entry.contains("confident") && 4 * entry.at("step").get<int64_t>() > 3 * outcome.steps) {
      sum += entry.at("confident").get<double>();
      ++count;
    }
  }
  if (count > 0) outcome.confident = sum / count;
}

}  // namespace

Outcome outcome_of(const RunFolder& folder, const Config& config, const Pool& labeled, const Metrics& test) {
  Outcome outcome;
  outcome.test = test;
  outcome.steps = config.train.steps;
  outcome.views = config.train.views;
  read_journal(folder.metrics(), outcome);
  outcome.labels = count_labels(labels_of(labeled), static_cast<int64_t>(labeled.dataset->classes.size()));
  const auto views = default_views(config.algorithm);
  outcome.unlabeled = views.weak + views.strong > 0;
  outcome.pretrained = !config.model.weights.empty();
  outcome.supervised = baseline_accuracy(folder, config);
  outcome.more_confident = more_confident(config);
  return outcome;
}

}  // namespace leaf
