#include "leaf/runs/pretrain.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/stop.h"
#include "leaf/base/stopwatch.h"
#include "leaf/model/weights_file.h"
#include "leaf/runs/checkpoint.h"
#include "leaf/runs/experiment.h"
#include "leaf/runs/journal.h"
#include "leaf/train/representation.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

/// The pools of a run that reads no label: everything to learn from is unlabeled.
Pools without_labels(const Pools& pools) {
  Pools result = pools;
  result.unlabeled = joined(pools.labeled, pools.unlabeled);
  result.labeled.rows.clear();
  return result;
}

void save_encoder(const std::filesystem::path& path, const Session& session, int64_t views_seen) {
  constexpr std::string_view kPrefix = "backbone.";
  const auto& config = *session.config;
  WeightsFile file{
      .tensors = {}, .backbone = config.model.backbone, .stem = chosen_stem(config.model, config.views.size), .remarks = {}};
  for (const auto& [name, tensor] : collect(*session.state.average)) {
    if (name.starts_with(kPrefix)) file.tensors[name.substr(kPrefix.size())] = tensor;
  }
  file.remarks = {{"algorithm", config.algorithm},
                  {"views.size", std::to_string(config.views.size)},
                  {"views_seen", std::to_string(views_seen)}};
  save_weights(path, file);
}

PretrainReport run_session(Session& session, const Pools& pools, const RunFolder& folder, Observer& observer) {
  const auto& config = *session.config;
  const auto& loader = *session.loader;
  auto& state = session.state;
  Journal journal(folder, state.step, kJournalInterval, observer);
  const auto start = start_of(session);
  journal.on_start(start);
  const auto measure = [&] {
    return measure_representation(state.average, session.pools.unlabeled, pools.labeled, pools.validation, config.views,
                                  session.device);
  };

  PretrainReport report;
  const StopSignals signals;
  const Stopwatch stopwatch;
  const int64_t first = state.step;
  take_steps(state, loader, config, journal, [&](int64_t epoch) {
    report.representation = measure();
    journal.on_representation({epoch, state.step, report.representation});
    if (const auto reason = collapse(report.representation); !reason.empty()) {
      fail(
          "the representation has collapsed at step {}: {}; the last good state is checkpoints/last.safetensors{}; try a smaller "
          "optimizer.learning_rate, more faces a step (--batch), or the algorithm's own options at their defaults",
          state.step, reason, epoch == 1 ? " (none yet)" : "");
    }
    save_encoder(folder.model(), session, loader.views_before(state.step));
    save_checkpoint(state, journal, folder, session.identity);
  });
  leave_stopped(state, config.train.steps, journal, folder, session.identity);
  if (first == state.step) {
    report.representation = measure();
  } else {
    report.seconds = stopwatch.seconds();
  }
  report.faces = start.unlabeled;
  report.steps = state.step;
  report.views = loader.views_before(state.step);
  make_folder(folder.report().parent_path());
  write_file(folder.report(), json_text(to_json(report)));
  return report;
}

}  // namespace

Json to_json(const PretrainReport& report) {
  return {{"representation", to_json(report.representation)},
          {"faces", report.faces},
          {"steps", report.steps},
          {"views", report.views},
          {"seconds", report.seconds}};
}

Pools load_pretraining_pools(const Config& config, Observer& observer) {
  const auto datasets = load_datasets(config, observer);
  auto pools = pretraining_pools(datasets, config.data);
  check_shared_faces(datasets, pools);
  for (const auto& remark : pools.remarks) observer.on_note(remark);
  return pools;
}

PretrainReport pretrain(const ResolvedConfig& config, const Pools& pools, const RunFolder& folder, bool force,
                        Observer& observer) {
  check_supervision(config->algorithm, true);
  const auto owner = own(folder);
  const auto learned = without_labels(pools);
  auto session = begin_run(config, learned, folder, pools, force, observer);
  return run_session(session, pools, folder, observer);
}

PretrainReport resume_pretraining(const RunFolder& folder, Observer& observer) {
  const auto owner = own_begun(folder);
  auto config = continued_config(folder);
  check_supervision(config.algorithm, true);
  const auto pools = load_pretraining_pools(config, observer);
  check_same_faces(config, pools, folder);
  const auto learned = without_labels(pools);
  auto session = continue_run(resolve(std::move(config)), learned, folder, pools, observer);
  return run_session(session, pools, folder, observer);
}

ResolvedConfig pretraining_config(const ResolvedConfig& run, int64_t steps, const Pools& pools) {
  const auto values = run->to_json();
  Config config;
  config.algorithm = kPretraining;
  const auto take = [&](const std::string& section, const std::string& name) {
    config.set(section + "." + name, values.at(section).at(name));
  };
  for (const auto& [name, value] : values.at("data").items()) take("data", name);
  for (const auto* name : {"size", "padding", "workers"}) take("views", name);
  for (const auto* name : {"backbone", "stem", "precision"}) take("model", name);
  for (const auto* name : {"seed", "device", "threads"}) take("train", name);
  config.set("train.steps", Json(steps));
  const int64_t faces = pools.labeled.size() + pools.unlabeled.size();
  const auto batch = algorithms().at(kPretraining).description.presets.at("train.unlabeled_batch").get<int64_t>();
  config.set("train.unlabeled_batch", Json(std::min(batch, faces)));
  return resolve(std::move(config));
}

}  // namespace leaf
