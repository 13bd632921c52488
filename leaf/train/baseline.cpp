#include "leaf/train/baseline.h"

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/experiment.h"

namespace leaf {
namespace {

constexpr const char* kAlgorithm = "supervised";

Json read_json(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  return Json::parse(read_file(path), nullptr, false);
}

bool finished(const RunFolder& folder) {
  return std::filesystem::exists(folder.config()) && std::filesystem::exists(folder.report());
}

}  // namespace

Config baseline_config(const Config& run) {
  const auto views = default_views(run.algorithm);
  if (views.weak + views.strong == 0) {
    fail_usage("--baseline compares with supervised learning, but {} uses no unlabeled faces itself; leave it out",
               run.algorithm);
  }
  Config config;  // every option is set, so that none follows the algorithm
  config.read_toml(Config(run).to_toml(), "the run's configuration");
  for (const auto* key : {"model.backbone", "model.stem"}) {  // unless somebody chose them they follow the weights
    if (!run.given.contains(key)) config.given.erase(key);
  }
  config.algorithm = kAlgorithm;
  config.algorithm_options = Json::object();
  config.category.enabled = false;
  config.imbalance.alignment = "none";
  config.outliers.reject = "none";
  config.train.views = 0;  // the steps are the run's
  return config;
}

void run_baseline(const Config& run, const Datasets& datasets, const Pools& pools, const RunFolder& run_folder, bool force,
                  Observer& observer) {
  const auto config = baseline_config(run);
  const auto folder = run_folder.baseline();
  if (!force && std::filesystem::exists(folder.config())) {
    const auto found = difference(run_config(folder), config);
    if (!found.empty())
      fail("{} holds a baseline of another configuration: {}; replace it with --force", folder.root.string(), found);
    if (finished(folder)) return observer.on_note("it is there already");
    if (std::filesystem::exists(folder.last())) {
      resume_experiment(folder, datasets, observer);
      return;
    }
    force = true;  // it was stopped before its first checkpoint
  }
  run_experiment(config, pools, folder, force, observer);
}

std::optional<double> baseline_accuracy(const RunFolder& run, const Config& config) {
  const auto folder = run.baseline();
  const auto views = default_views(config.algorithm);
  if (!finished(folder) || views.weak + views.strong == 0) return std::nullopt;
  const auto found = run_config(folder);
  auto wanted = baseline_config(config);
  wanted.data.split_file = found.data.split_file;  // a run that is continued has its own; the faces are compared below
  if (!difference(found, wanted).empty()) return std::nullopt;
  const auto own = read_json(run.split()), other = read_json(folder.split());
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
