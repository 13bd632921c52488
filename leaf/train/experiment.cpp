#include "leaf/train/experiment.h"

#include <chrono>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/data/pools.h"
#include "leaf/train/model_file.h"
#include "leaf/train/outcome.h"
#include "leaf/train/report.h"
#include "leaf/train/session.h"
#include "leaf/train/trainer.h"
#include "leaf/train/warnings.h"

namespace leaf {
namespace {

constexpr int64_t kJournalInterval = 20;  ///< steps a line of metrics.jsonl stands for

Report run_session(Session& session, Observer& observer) {
  auto& [config, pools, folder, device, state, learner, loader, identity] = session;
  Warnings warnings(config, observer);
  Journal journal(folder, state.step, kJournalInterval, warnings);
  const auto start = start_of(session);
  journal.on_start(start);
  const auto began = std::chrono::steady_clock::now();
  const int64_t first = state.step;
  train(state, *loader, pools.validation, config, journal, [&](bool best) {
    if (best) save_model(folder.model(), {state.average, config.model, config.views, pools.labeled.dataset->classes});
    state.save(folder.last(), identity);
  });
  Report report;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  report.steps = state.step;
  report.best_step = state.best_step;
  report.views = state.step * start.views_per_step;
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
  return {{"test", to_json(report.test)}, {"validation", to_json(report.validation)}, {"best_step", report.best_step},
          {"steps", report.steps},        {"views", report.views},                    {"seconds", report.seconds},
          {"advice", to_json(report.advice)}};
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

Pools load_pools(const Config& config, Observer& observer) { return divide_datasets(config, load_datasets(config, observer), observer); }

Config run_config(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.config())) fail("cannot resume {}: it has no config.toml, so it is not the folder of a run", folder.root.string());
  Config config;
  config.read_toml(read_file(folder.config(), 1 << 20), folder.config().string());
  return config;
}

Report run_experiment(Config config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer) {
  auto session = make_session(std::move(config), pools, folder);
  folder.create(force);
  write_file(folder.config(), session.config.to_toml());
  save_split(folder.split(), pools, session.config.data);
  write_broken(folder, pools);
  return run_session(session, observer);
}

void measure_steps(Config config, const Pools& pools, Observer& observer) {
  auto session = make_session(std::move(config), pools, {});
  observer.on_start(start_of(session));
  train(session.state, *session.loader, pools.validation, session.config, observer, [](bool) {});
}

Report resume_experiment(const RunFolder& folder, Observer& observer) {
  return resume_experiment(folder, load_datasets(run_config(folder), observer), observer);
}

Report resume_experiment(const RunFolder& folder, const Datasets& datasets, Observer& observer) {
  auto config = run_config(folder);
  config.data.split_file = folder.split().string();
  const auto pools = divide_datasets(config, datasets, observer);
  auto session = make_session(std::move(config), pools, folder);
  if (std::filesystem::exists(folder.last())) {
    session.state.load(folder.last(), session.identity);
  } else {
    observer.on_note("no checkpoint yet: the run starts again");
  }
  return run_session(session, observer);
}

}  // namespace leaf
