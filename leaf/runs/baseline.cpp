#include "leaf/runs/baseline.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"

namespace leaf {
namespace {

constexpr const char* kAlgorithm = "supervised";

Json read_json(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  return parse_json(read_file(path));
}

/// The options of a run with supervised learning in the place of its algorithm.
Config supervised_request(const ResolvedConfig& run) {
  Config config;  // every option is set, so that none follows the algorithm
  config.read_toml(run->to_toml(), "the run's configuration");
  for (const auto* key : {"model.backbone", "model.stem"}) {  // unless somebody chose them they follow the weights
    if (!run->given.contains(key)) config.given.erase(key);
  }
  config.algorithm = kAlgorithm;
  config.algorithm_options = Json::object();
  config.category.enabled = false;
  config.imbalance.alignment = "none";
  config.outliers.reject = "none";
  config.train.views = 0;  // the steps are the run's
  return config;
}

}  // namespace

ResolvedConfig baseline_config(const ResolvedConfig& run) {
  if (run.description().views.unlabeled() == 0) {
    fail_usage("--baseline compares with supervised learning, but {} uses no unlabeled faces itself; leave it out",
               run->algorithm);
  }
  return resolve(supervised_request(run));
}

ResolvedConfig labels_alone(const ResolvedConfig& run, int64_t steps) {
  auto config = supervised_request(run);
  config.imbalance.shares = "labeled";
  config.imbalance.aim = "accuracy";
  config.given.erase("model.class_shift");
  config.teacher.model.clear();
  config.train.steps = steps;
  config.train.epochs = 1;
  config.train.labeled_steps = 0;
  config.optimizer.warm_up = std::min(config.optimizer.warm_up, steps / 20);
  return resolve(std::move(config));
}

std::optional<double> baseline_accuracy(const RunFolder& run_folder, const ResolvedConfig& run) {
  const auto folder = run_folder.baseline();
  if (!folder.finished() || run.description().views.unlabeled() == 0) return std::nullopt;
  const auto found = run_config(folder);
  auto wanted = *baseline_config(run);
  wanted.data.split_file = found.data.split_file;  // a run that is continued has its own; the faces are compared below
  if (!difference(found, wanted).empty()) return std::nullopt;
  const auto own = read_json(run_folder.split()), other = read_json(folder.split());
  for (const auto* pool : {"labeled", "test"}) {
    if (!own.is_object() || !other.is_object() || !own.contains(pool) || !other.contains(pool) || own.at(pool) != other.at(pool))
      return std::nullopt;
  }
  const auto report = read_json(folder.report());
  const auto test = report.is_object() ? report.value("test", Json()) : Json();
  if (!test.is_object() || !test.value("accuracy", Json()).is_number()) return std::nullopt;
  return test.at("accuracy").get<double>();
}

}  // namespace leaf
