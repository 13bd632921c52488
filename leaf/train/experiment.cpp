#include "leaf/train/experiment.h"

#include <chrono>
#include <optional>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/data/pools.h"
#include "leaf/model/weights.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/initial_weights.h"
#include "leaf/train/model_file.h"
#include "leaf/train/outcome.h"
#include "leaf/train/report.h"
#include "leaf/train/session.h"
#include "leaf/train/trainer.h"
#include "leaf/train/warnings.h"

namespace leaf {
namespace {

/// Takes the encoder of the run from weights, which were read before it was made.
void begin_with(Session& session, const InitialWeights& weights, Observer& observer) {
  auto& state = session.state;
  const auto report = load_weights(state.model->encoder(), weights.fit.tensors);
  TORCH_CHECK(report.wrong_shape.empty(), "the encoder was made for these weights, but ", report.summary());
  copy_state(*state.model, *state.average);
  write_file(session.folder.weights(), to_json(weights).dump(2) + "\n");
  observer.on_note(summary(weights));
}

int64_t pretraining_views(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.weights())) return 0;
  const auto weights = Json::parse(read_file(folder.weights(), 1 << 24), nullptr, false);
  if (!weights.is_object() || !weights.value("views_seen", Json()).is_number_integer())
    fail("{} is damaged: it has no \"views_seen\"", folder.weights().string());
  return weights.at("views_seen").get<int64_t>();
}

std::optional<InitialWeights> initial_weights(Config& config) {
  if (config.model.weights.empty()) return std::nullopt;
  return read_initial_weights(config);
}

Report run_session(Session& session, Observer& observer) {
  auto& [config, pools, folder, device, state, learner, loader, identity] = session;
  Warnings warnings(config, observer);
  Journal journal(folder, state.step, kJournalInterval, warnings);
  const auto start = start_of(session);
  journal.on_start(start);
  const auto began = std::chrono::steady_clock::now();
  const int64_t first = state.step, before = pretraining_views(folder);
  train(state, *loader, pools.validation, config, journal, [&](bool best) {
    if (best)
      save_model(folder.model(), {state.average, config.model, config.views, pools.labeled.dataset->classes,
                                  before + loader->views_before(state.step)});
    state.save(folder.last(), identity);
  });
  Report report;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  report.steps = state.step;
  report.best_step = state.best_step;
  report.views = loader->views_before(state.step);
  report.pretraining_views = before;
  if (first == state.step) report.seconds = 0;

  auto best = load_model(folder.model()).model;
  best->to(device);
  if (pools.validation.size() > 0) report.validation = evaluate(best, pools.validation, config.views, device);
  if (pools.test.size() > 0) report.test = evaluate(best, pools.test, config.views, device, &observer);
  report.advice = advise(outcome_of(folder, config, loader->labeled(), report.test));
  write_report(folder.report().parent_path(), report.test, to_json(report));
  return report;
}

void write_broken(const RunFolder& folder, const Pools& pools) {
  std::set<std::string> seen;
  std::string text;
  for (const auto* pool : {&pools.labeled, &pools.unlabeled, &pools.test}) {
    if (!pool->dataset) continue;
    for (const auto& line : pool->dataset->broken) {
      if (seen.insert(line).second) text += line + "\n";
    }
  }
  if (!text.empty()) write_file(folder.broken(), text);
}

}  // namespace

Json to_json(const Report& report) {
  return {{"test", to_json(report.test)},  {"validation", to_json(report.validation)},
          {"best_step", report.best_step}, {"steps", report.steps},
          {"views", report.views},         {"pretraining_views", report.pretraining_views},
          {"seconds", report.seconds},     {"advice", to_json(report.advice)}};
}

Datasets load_datasets(const Config& config, Observer& observer) {
  const auto progress = [&](int64_t done, int64_t total) { observer.on_progress("decoding faces", done, total); };
  return load_datasets(config.data, available_processors(), progress);
}

Pools divide_datasets(const Config& config, const Datasets& datasets, Observer& observer) {
  auto pools = make_pools(datasets, config.data);
  for (const auto& remark : pools.remarks) observer.on_note(remark);
  return pools;
}

Pools load_pools(const Config& config, Observer& observer) {
  return divide_datasets(config, load_datasets(config, observer), observer);
}

Session begin_run(Config config, const Pools& pools, const RunFolder& folder, const Pools& divided, bool force,
                  Observer& observer) {
  const auto weights = initial_weights(config);
  auto session = make_session(std::move(config), pools, folder);
  folder.create(force);
  if (weights) begin_with(session, *weights, observer);
  write_file(folder.config(), session.config.to_toml());
  save_split(folder.split(), divided, session.config.data);
  write_broken(folder, divided);
  return session;
}

Session continue_run(Config config, const Pools& pools, const RunFolder& folder, Observer& observer) {
  const bool begun = std::filesystem::exists(folder.last());
  const auto weights = begun ? std::nullopt : initial_weights(config);
  auto session = make_session(std::move(config), pools, folder);
  if (begun) {
    session.state.load(folder.last(), session.identity);
  } else {
    observer.on_note("no checkpoint yet: the run starts again");
    if (weights) begin_with(session, *weights, observer);
  }
  return session;
}

Config run_config(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.config()))
    fail("cannot resume {}: it has no config.toml, so it is not the folder of a run", folder.root.string());
  Config config;
  config.read_toml(read_file(folder.config(), 1 << 20), folder.config().string());
  return config;
}

Report run_experiment(Config config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer) {
  check_supervision(config.algorithm, false);
  auto session = begin_run(std::move(config), pools, folder, pools, force, observer);
  return run_session(session, observer);
}

void measure_steps(Config config, const Pools& pools, Observer& observer) {
  check_supervision(config.algorithm, false);
  auto session = make_session(std::move(config), pools, {});
  observer.on_start(start_of(session));
  train(session.state, *session.loader, pools.validation, session.config, observer, [](bool) {});
}

Report resume_experiment(const RunFolder& folder, Observer& observer) {
  const auto config = run_config(folder);
  check_supervision(config.algorithm, false);
  return resume_experiment(folder, load_datasets(config, observer), observer);
}

Report resume_experiment(const RunFolder& folder, const Datasets& datasets, Observer& observer) {
  auto config = run_config(folder);
  config.data.split_file = folder.split().string();
  const auto pools = divide_datasets(config, datasets, observer);
  auto session = continue_run(std::move(config), pools, folder, observer);
  return run_session(session, observer);
}

}  // namespace leaf
