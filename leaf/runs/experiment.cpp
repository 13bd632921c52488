#include "leaf/runs/experiment.h"

#include <ATen/Parallel.h>

#include <optional>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/rng.h"
#include "leaf/base/stopwatch.h"
#include "leaf/model/weights.h"
#include "leaf/pools/split.h"
#include "leaf/pools/split_file.h"
#include "leaf/recognize/model_file.h"
#include "leaf/runs/baseline.h"
#include "leaf/runs/initial_weights.h"
#include "leaf/runs/journal.h"
#include "leaf/runs/report.h"
#include "leaf/runs/warnings.h"
#include "leaf/train/evaluate.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

constexpr uint64_t kWeightStream = 101;  ///< the random numbers that the weights start from

/// The session, with as many threads as the configuration says and with weights that start from its seed.
Session open_session(const LocalConfig& config, const Pools& pools) {
  at::set_num_threads(static_cast<int>(config->train.threads));
  torch::manual_seed(Rng(config->train.seed).split(kWeightStream).bits());
  return make_session(config, pools);
}

/// The session of a run at its start, and what its encoder begins with, if anything.
struct Start {
  Session session;
  std::optional<InitialWeights> weights;
};

Start start_session(const ResolvedConfig& config, const Pools& pools) {
  if (config->model.weights.empty()) return {open_session(on_this_machine(config), pools), std::nullopt};
  const auto weights = read_initial_weights(*config);
  auto session = open_session(on_this_machine(with_encoder(config, weights.fit.backbone, weights.fit.stem)), pools);
  auto& state = session.state;
  const auto report = load_weights(state.model->encoder(), weights.fit.tensors);
  TORCH_CHECK(report.wrong_shape.empty(), "the encoder was made for these weights, but ", report.summary());
  copy_state(*state.model, *state.average);
  return {std::move(session), weights};
}

/// Keeps and tells what the encoder begins with.
void keep_weights(const std::optional<InitialWeights>& weights, const RunFolder& folder, Observer& observer) {
  if (!weights) return;
  write_file(folder.weights(), to_json(*weights).dump(2) + "\n");
  observer.on_note(summary(*weights));
}

int64_t pretraining_views(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.weights())) return 0;
  const auto weights = Json::parse(read_file(folder.weights(), 1 << 24), nullptr, false);
  if (!weights.is_object() || !weights.value("views_seen", Json()).is_number_integer())
    fail("{} is damaged: it has no \"views_seen\"", folder.weights().string());
  return weights.at("views_seen").get<int64_t>();
}

/// What advise() needs: the configuration, the faces whose labels were learned, the test figures, and from the run's folder its
/// journal and its baseline. So a run that was continued gets the same advice.
Outcome outcome_of(const RunFolder& folder, const ResolvedConfig& config, const Pool& labeled, const Metrics& test) {
  auto journaled = read_journal(folder, config->train.steps);
  return {.test = test,
          .validation = std::move(journaled.validation),
          .validation_faces = journaled.validation_faces,
          .steps = config->train.steps,
          .views = config->train.views,
          .labels = count_labels(labels_of(labeled), static_cast<int64_t>(labeled.dataset->classes.size())),
          .unlabeled = config.description().views.unlabeled() > 0,
          .pretrained = !config->model.weights.empty(),
          .confident = journaled.confident,
          .supervised = baseline_accuracy(folder, config),
          .more_confident = more_confident(*config)};
}

Report run_session(Session& session, const RunFolder& folder, Observer& observer) {
  const auto& config = *session.config;
  const auto& pools = session.pools;
  const auto& loader = *session.loader;
  auto& state = session.state;
  Warnings warnings(session.config, observer);
  Journal journal(folder, state.step, kJournalInterval, warnings);
  journal.on_start(start_of(session));
  const Stopwatch stopwatch;
  const int64_t first = state.step, before = pretraining_views(folder);
  train(state, loader, pools.validation, config, journal, [&](bool best) {
    const int64_t seen = before + loader.views_before(state.step);
    if (best) save_model(folder.model(), {state.average, config.model, config.views, pools.labeled.dataset->classes, seen});
    state.save(folder.last(), session.identity);
  });
  Report report;
  report.seconds = first == state.step ? 0 : stopwatch.seconds();
  report.steps = state.step;
  report.best_step = state.best_step;
  report.views = loader.views_before(state.step);
  report.pretraining_views = before;

  auto best = load_model(folder.model()).model;
  best->to(session.device);
  if (pools.validation.size() > 0) report.validation = evaluate(best, pools.validation, config.views, session.device);
  if (pools.test.size() > 0) report.test = evaluate(best, pools.test, config.views, session.device, &observer);
  report.advice = advise(outcome_of(folder, session.config, loader.labeled(), report.test));
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

Session begin_run(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, const Pools& divided, bool force,
                  Observer& observer) {
  auto [session, weights] = start_session(config, pools);
  folder.create(force);
  keep_weights(weights, folder, observer);
  write_file(folder.config(), session.config->to_toml());
  save_split(folder.split(), divided, session.config->data);
  write_broken(folder, divided);
  return std::move(session);
}

Session continue_run(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, Observer& observer) {
  if (std::filesystem::exists(folder.last())) {
    auto session = open_session(on_this_machine(config), pools);
    session.state.load(folder.last(), session.identity);
    return session;
  }
  auto [session, weights] = start_session(config, pools);
  observer.on_note("no checkpoint yet: the run starts again");
  keep_weights(weights, folder, observer);
  return std::move(session);
}

Report run_experiment(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer) {
  check_supervision(config->algorithm, false);
  auto session = begin_run(config, pools, folder, pools, force, observer);
  return run_session(session, folder, observer);
}

void measure_steps(const LocalConfig& config, const Pools& pools, Observer& observer) {
  check_supervision(config->algorithm, false);
  auto session = open_session(config, pools);
  observer.on_start(start_of(session));
  train(session.state, *session.loader, pools.validation, *session.config, observer, [](bool) {});
}

Report resume_experiment(const RunFolder& folder, Observer& observer) {
  const auto config = continued_config(folder);
  check_supervision(config.algorithm, false);
  return resume_experiment(folder, load_datasets(config, observer), observer);
}

Report resume_experiment(const RunFolder& folder, const Datasets& datasets, Observer& observer) {
  auto config = continued_config(folder);
  const auto pools = divide_datasets(config, datasets, observer);
  auto session = continue_run(resolve(std::move(config)), pools, folder, observer);
  return run_session(session, folder, observer);
}

}  // namespace leaf
