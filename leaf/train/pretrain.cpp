#include "leaf/train/pretrain.h"

#include <algorithm>
#include <chrono>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/data/pools.h"
#include "leaf/model/weights_file.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/experiment.h"
#include "leaf/train/representation.h"
#include "leaf/train/session.h"
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
  const auto& config = session.config;
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

PretrainReport run_session(Session& session, const Pools& pools, Observer& observer) {
  auto& [config, learned, folder, device, state, learner, loader, identity] = session;
  Journal journal(folder, state.step, kJournalInterval, observer);
  const auto start = start_of(session);
  journal.on_start(start);
  const auto measure = [&] {
    return measure_representation(state.average, learned.unlabeled, pools.labeled, pools.validation, config.views, device);
  };

  PretrainReport report;
  const auto began = std::chrono::steady_clock::now();
  const int64_t first = state.step;
  take_steps(state, *loader, config, journal, [&](int64_t epoch) {
    report.representation = measure();
    journal.on_representation({epoch, state.step, report.representation});
    if (const auto reason = collapse(report.representation); !reason.empty()) {
      fail(
          "the representation has collapsed at step {}: {}; the last good state is checkpoints/last.safetensors{}; try a smaller "
          "optimizer.learning_rate, more "
          "faces a step (--batch), or the algorithm's own options at their defaults",
          state.step, reason, epoch == 1 ? " (none yet)" : "");
    }
    save_encoder(folder.model(), session, loader->views_before(state.step));
    state.save(folder.last(), identity);
  });
  if (first == state.step) {
    report.representation = measure();
  } else {
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }
  report.faces = start.unlabeled;
  report.steps = state.step;
  report.views = loader->views_before(state.step);
  make_folder(folder.report().parent_path());
  write_file(folder.report(), to_json(report).dump(2) + "\n");
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
  auto pools = pretraining_pools(load_datasets(config, observer), config.data);
  for (const auto& remark : pools.remarks) observer.on_note(remark);
  return pools;
}

PretrainReport pretrain(Config config, const Pools& pools, const RunFolder& folder, bool force, Observer& observer) {
  check_supervision(config.algorithm, true);
  const auto learned = without_labels(pools);
  auto session = begin_run(std::move(config), learned, folder, pools, force, observer);
  return run_session(session, pools, observer);
}

PretrainReport resume_pretraining(const RunFolder& folder, Observer& observer) {
  auto config = run_config(folder);
  check_supervision(config.algorithm, true);
  config.data.split_file = folder.split().string();
  const auto pools = load_pretraining_pools(config, observer);
  const auto learned = without_labels(pools);
  auto session = continue_run(std::move(config), learned, folder, observer);
  return run_session(session, pools, observer);
}

Config pretraining_config(const Config& run, int64_t steps, const Pools& pools) {
  Config whole = run;
  const auto options = whole.to_json();
  Config config;
  config.algorithm = "simclr";
  const auto take = [&](const std::string& section, const std::string& name) {
    config.set(section + "." + name, options.at(section).at(name));
  };
  for (const auto& [name, value] : options.at("data").items()) take("data", name);
  for (const auto* name : {"size", "padding", "workers"}) take("views", name);
  for (const auto* name : {"backbone", "stem", "precision"}) take("model", name);
  for (const auto* name : {"seed", "device", "threads"}) take("train", name);
  config.set("train.steps", Json(steps));
  const int64_t faces = pools.labeled.size() + pools.unlabeled.size();
  config = resolved(std::move(config));
  config.set("train.unlabeled_batch", Json(std::min(config.train.unlabeled_batch, faces)));
  return resolved(std::move(config));
}

void pretrain_first(const Config& run, int64_t steps, const Pools& pools, const RunFolder& run_folder, bool force,
                    Observer& observer) {
  const auto config = pretraining_config(run, steps, pools);
  const auto folder = run_folder.pretraining();
  if (!force && std::filesystem::exists(folder.config())) {
    const auto found = difference(run_config(folder), config);
    if (!found.empty())
      fail("{} holds a pretraining of another configuration: {}; replace it with --force", folder.root.string(), found);
    if (std::filesystem::exists(folder.report())) return observer.on_note("it is there already");
    if (std::filesystem::exists(folder.last())) {
      resume_pretraining(folder, observer);
      return;
    }
    force = true;  // it was stopped before its first checkpoint
  }
  pretrain(config, pools, folder, force, observer);
}

}  // namespace leaf
