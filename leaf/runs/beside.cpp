#include "leaf/runs/beside.h"

#include <functional>
#include <string_view>

#include "leaf/base/error.h"
#include "leaf/runs/baseline.h"
#include "leaf/runs/checkpoint.h"
#include "leaf/runs/experiment.h"
#include "leaf/runs/pretrain.h"

namespace leaf {
namespace {

/// A run beside another one: how it goes on from its last checkpoint, and how it begins.
struct Beside {
  std::string_view name;  ///< "baseline"
  RunFolder folder;
  std::function<void()> resume;
  std::function<void(bool force)> begin;
};

/// It is there already, or differs, or is continued, or begins.
void finish(const Beside& run, const ResolvedConfig& wanted, bool force, Observer& observer) {
  const auto& folder = run.folder;
  if (force || !std::filesystem::exists(folder.config())) return run.begin(force);
  const auto found = difference(run_config(folder), *wanted);
  if (!found.empty())
    fail("{} holds a {} of another configuration: {}; replace it with --force", folder.root.string(), run.name, found);
  if (folder.finished()) return observer.on_note("it is there already");
  if (has_checkpoint(folder)) return run.resume();
  run.begin(/*force=*/true);  // it was stopped before its first checkpoint
}

}  // namespace

void run_baseline(const ResolvedConfig& run, const Datasets& datasets, const Pools& pools, const RunFolder& folder, bool force,
                  Observer& observer) {
  const auto config = baseline_config(run);
  const auto own = folder.baseline();
  finish({"baseline", own, [&] { resume_experiment(own, datasets, observer); },
          [&](bool forced) { run_experiment(config, pools, own, forced, observer); }},
         config, force, observer);
}

void pretrain_first(const ResolvedConfig& run, int64_t steps, const Pools& pools, const RunFolder& folder, bool force,
                    Observer& observer) {
  const auto config = pretraining_config(run, steps, pools);
  const auto own = folder.pretraining();
  finish({"pretraining", own, [&] { resume_pretraining(own, observer); },
          [&](bool forced) { pretrain(config, pools, own, forced, observer); }},
         config, force, observer);
}

}  // namespace leaf
