#include "leaf/runs/experiment.h"

#include <ATen/Parallel.h>

#include <optional>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/rng.h"
#include "leaf/base/stop.h"
#include "leaf/base/stopwatch.h"
#include "leaf/model/weights.h"
#include "leaf/pools/split.h"
#include "leaf/pools/split_file.h"
#include "leaf/recognize/model_file.h"
#include "leaf/runs/baseline.h"
#include "leaf/runs/beginning.h"
#include "leaf/runs/calibrating.h"
#include "leaf/runs/checkpoint.h"
#include "leaf/runs/initial_weights.h"
#include "leaf/runs/journal.h"
#include "leaf/runs/knowledge.h"
#include "leaf/runs/warnings.h"
#include "leaf/train/evaluate.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

constexpr double kRareShare = 1e-3;      ///< of a class that has no label
constexpr uint64_t kWeightStream = 101;  ///< the random numbers that the weights start from

/// The session, with as many threads as the configuration says and with weights that start from its seed.
Session open_session(const LocalConfig& config, const Pools& pools, const Knowledge& known = {}) {
  at::set_num_threads(static_cast<int>(config->train.threads));
  torch::manual_seed(Rng(config->train.seed).split(kWeightStream).bits());
  return make_session(config, pools, known);
}

/// The session of a run at its start, and what its encoder begins with, if anything.
struct Start {
  Session session;
  std::optional<InitialWeights> weights;
};

/// Keeps the classifier of the weights where that is wanted and possible, and notes what became of it.
void start_classifier(InitialWeights& weights, const Config& config, const std::vector<std::string>& classes, Model& model) {
  const auto& wanted = config.model.classifier;
  if (wanted == "new") {
    weights.classifier = "new, as asked for";
    return;
  }
  const auto obstacle = weights.model ? keep_classifier(*weights.model, classes, config.model, model) : "there is none";
  if (!obstacle.empty() && wanted == "kept")
    fail("model.classifier = kept, but that of {} cannot be kept: {}; leave it out", weights.source, obstacle);
  weights.keeps_classifier = obstacle.empty();
  weights.classifier = obstacle.empty() ? "kept" : "new: " + obstacle;
}

/// A classifier that was kept is made believable for the labeled faces, unless a kept instance level stands between it and them.
void calibrate_start(InitialWeights& weights, const Pool& labeled, Session& session) {
  if (!weights.keeps_classifier || weights.model->options.instance.enabled) return;
  auto& model = session.state.model;
  const auto judged = predict(model, labeled, session.config->views, session.device);
  const double temperature = calibrate_classifier(judged.unshifted, judged.labels, model);
  weights.classifier += fmt::format(", calibrated by the labels (temperature {:.2f})", temperature);
}

Start start_session(const ResolvedConfig& config, const Pools& pools, const Knowledge& known = {}) {
  if (config->model.weights.empty()) return {open_session(on_this_machine(config), pools, known), std::nullopt};
  auto weights = read_initial_weights(*config);
  auto session = open_session(on_this_machine(with_encoder(config, weights.fit.backbone, weights.fit.stem)), pools, known);
  auto& state = session.state;
  const auto report = load_weights(state.model->encoder(), weights.fit.tensors);
  TORCH_CHECK(report.wrong_shape.empty(), "the encoder was made for these weights, but ", report.summary());
  start_classifier(weights, *session.config, pools.labeled.dataset->classes, state.model);
  if (weights.keeps_classifier && state.aim.defined() && !known.taught.defined())  // it knows classes that have no label
    aim_at_balance(state, state.algorithm->learned_shares().clamp_min(kRareShare));
  calibrate_start(weights, pools.labeled, session);
  copy_state(*state.model, *state.average);
  return {std::move(session), weights};
}

/// A session for a part of a run's labels.
Session begin_part(const ResolvedConfig& part, const Pools& faces) { return start_session(part, faces).session; }

Knowledge find_out(const ResolvedConfig& config, const Pools& pools, const Json& kept, Observer& observer) {
  return find_out(config, pools, kept, begin_part, observer);
}

/// A start that knows expressions is tested before it learns, to say at the end what training brought.
void test_start(std::optional<InitialWeights>& weights, Session& session, Observer& observer) {
  if (!weights || !weights->keeps_classifier || session.pools.test.size() == 0) return;
  const Aimed finished(session.state);
  weights->test = evaluate(session.state.average, session.pools.test, session.config->views, session.device, &observer);
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
          .start = origin_of(folder).test_accuracy,
          .more_confident = more_confident(*config)};
}

Report run_session(Session& session, const RunFolder& folder, Observer& observer) {
  const auto& config = *session.config;
  const auto& pools = session.pools;
  const auto& loader = *session.loader;
  auto& state = session.state;
  Warnings warnings(session.config, observer);
  Journal journal(folder, state.step, kJournalInterval, warnings);
  const auto start = start_of(session);
  journal.on_start(start);
  const StopSignals signals;
  const Stopwatch stopwatch;
  const int64_t first = state.step, before = origin_of(folder).views_seen;
  train(state, loader, pools.validation, config, journal, [&](bool best) {
    const int64_t seen = before + loader.views_before(state.step);
    if (best) {
      const Aimed finished(state);
      save_model(folder.model(), {state.average, config.model, config.views, pools.labeled.dataset->classes, seen});
    }
    save_checkpoint(state, journal, folder, session.identity);
  });
  leave_stopped(state, config.train.steps, journal, folder, session.identity);
  Report report;
  report.seconds = first == state.step ? 0 : stopwatch.seconds();
  report.steps = state.step;
  report.best_step = state.best_step;
  report.views = loader.views_before(state.step);
  report.labels = start.labels;
  report.pretraining_views = before;

  auto best = load_model(folder.model());
  best.model->to(session.device);
  if (!best.calibration) {
    best.calibration = calibrate_run(session.config, pools, best.model, folder, begin_part, observer);
    if (best.calibration) save_calibration(folder.model(), *best.calibration);
  }
  if (pools.validation.size() > 0) report.validation = test_model(best, pools.validation, session.device).metrics;
  if (pools.test.size() > 0) {
    auto tested = test_model(best, pools.test, session.device, &observer);
    report.test = std::move(tested.metrics);
    report.calibration = std::move(tested.calibration);
    report.sets = tested.sets;
  }
  report.advice = advise(outcome_of(folder, session.config, loader.labeled(), report.test));
  write_report(folder.report().parent_path(), report.test, to_json(report));
  return report;
}

/// Where there is no unlabeled face and one is needed, the labeled ones serve as such too: their other views are learned from.
Pools learned_pools(const Pools& pools, const Description& about, Observer& observer) {
  auto learned = pools;
  if (pools.unlabeled.size() > 0 || about.views.unlabeled() == 0) return learned;
  learned.unlabeled = pools.labeled;
  observer.on_note(
      "there is no unlabeled face, so the labeled ones serve as such too: put more pictures beside the class folders, or "
      "name some with --unlabeled");
  return learned;
}

}  // namespace

Json to_json(const LabelsSpent& spent) {
  return {{"learned", spent.learned},
          {"choosing", spent.choosing},
          {"choosing_outside_of_budget", spent.outside},
          {"test", spent.test}};
}

Json to_json(const Report& report) {
  return {{"test", to_json(report.test)},
          {"validation", to_json(report.validation)},
          {"calibration", report.calibration ? to_json(*report.calibration) : Json()},
          {"sets", report.sets ? to_json(*report.sets) : Json()},
          {"labels", to_json(report.labels)},
          {"best_step", report.best_step},
          {"steps", report.steps},
          {"views", report.views},
          {"pretraining_views", report.pretraining_views},
          {"seconds", report.seconds},
          {"advice", to_json(report.advice)}};
}

Datasets load_datasets(const Config& config, Observer& observer) {
  const auto progress = [&](int64_t done, int64_t total) { observer.on_progress("decoding faces", done, total); };
  return load_datasets(config.data, available_processors(), progress);
}

Pools divide_datasets(const Config& config, const Datasets& datasets, Observer& observer) {
  auto pools = make_pools(datasets, config.data);
  check_shared_faces(datasets, pools);
  for (const auto& remark : pools.remarks) observer.on_note(remark);
  return pools;
}

void check_same_faces(const Config& config, const Pools& pools, const RunFolder& folder) {
  if (std::filesystem::exists(folder.split()) && config.data.changed != "accepted") check_unchanged(pools);
}

Pools divide_again(const Config& config, const Datasets& datasets, const RunFolder& folder, Observer& observer) {
  auto pools = divide_datasets(config, datasets, observer);
  check_same_faces(config, pools, folder);
  return pools;
}

Pools load_pools(const Config& config, Observer& observer) {
  return divide_datasets(config, load_datasets(config, observer), observer);
}

Session begin_run(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, const Pools& divided, bool force,
                  Observer& observer) {
  folder.check(force);
  const auto known = find_out(config, pools, Json::object(), observer);
  auto [session, weights] = start_session(config, pools, known);
  test_start(weights, session, observer);
  folder.create(session.config->to_toml(), force);
  keep_beginning({weights, known, divided, session.config->data}, folder, observer);
  return std::move(session);
}

Session continue_run(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, const Pools& divided,
                     Observer& observer) {
  const auto known = find_out(config, pools, kept_knowledge(folder), observer);
  if (has_checkpoint(folder)) {
    auto session = open_session(on_this_machine(config), pools, known);
    load_checkpoint(session.state, folder, session.identity, config->train.steps, observer);
    return session;
  }
  auto [session, weights] = start_session(config, pools, known);
  observer.on_note("no checkpoint yet: the run starts again");
  test_start(weights, session, observer);
  keep_beginning({weights, known, divided, session.config->data}, folder, observer);
  return std::move(session);
}

Report run_experiment(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer) {
  check_supervision(config->algorithm, false);
  const auto owner = own(folder);
  const auto learned = learned_pools(pools, config.description(), observer);
  auto session = begin_run(config, learned, folder, pools, force, observer);
  return run_session(session, folder, observer);
}

void measure_steps(const LocalConfig& config, const Pools& pools, Observer& observer) {
  check_supervision(config->algorithm, false);
  auto session = open_session(config, pools);
  observer.on_start(start_of(session));
  train(session.state, *session.loader, pools.validation, *session.config, observer, [](bool) {});
}

Report resume_experiment(const RunFolder& folder, Observer& observer) {
  const auto owner = own_begun(folder);
  const auto config = continued_config(folder);
  check_supervision(config.algorithm, false);
  return resume_experiment(folder, load_datasets(config, observer), observer);
}

Report resume_experiment(const RunFolder& folder, const Datasets& datasets, Observer& observer) {
  const auto owner = own_begun(folder);
  auto config = continued_config(folder);
  const auto pools = divide_again(config, datasets, folder, observer);
  const auto resolved = resolve(std::move(config));
  const auto learned = learned_pools(pools, resolved.description(), observer);
  auto session = continue_run(resolved, learned, folder, pools, observer);
  return run_session(session, folder, observer);
}

}  // namespace leaf
