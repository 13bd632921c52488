#include <fmt/format.h>

#include "app/console.h"
#include "app/tensor/commands.h"
#include "app/tensor/run_names.h"
#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/baseline.h"
#include "leaf/train/experiment.h"
#include "leaf/train/pretrain.h"
#include "leaf/train/recipe.h"
#include "leaf/train/session.h"
#include "leaf/train/variant.h"

namespace leaf::app {
namespace {

/// runs/ferplus-leaf-800-seed0
std::string default_folder(const Config& config) {
  const auto& model = config.model;
  const Variant variant{.algorithm = config.algorithm,
                        .semantic = model.semantic.enabled,
                        .instance = model.instance.enabled,
                        .category = config.category.enabled};
  return fmt::format("runs/{}-{}-{}-seed{}", short_name(config.data.source), variant.name(),
                     config.data.labels > 0 ? fmt::format("{:g}", config.data.labels) : "all", config.train.seed);
}

void print_report(const Report& report, const RunFolder& folder) {
  fmt::print("{}", to_text(report.test));
  fmt::print("best step {} of {} by validation; {} views in {}; everything is in {}\n", report.best_step, report.steps,
             report.views, duration(report.seconds), folder.root.string());
  if (!report.advice.sentence.empty()) fmt::print("{}\n", report.advice.sentence);
}

}  // namespace

void run_train(const TrainArguments& arguments) {
  Console console;
  if (!arguments.resume.empty()) {
    if (arguments.baseline || arguments.pretrain > 0)
      fail_usage("--baseline and --pretrain come before a new run; leave out --resume");
    const RunFolder folder{arguments.resume};
    return print_report(resume_experiment(folder, console), folder);
  }
  auto config = arguments.config.resolve();
  check_supervision(config.algorithm, false);
  if (arguments.pretrain > 0 && !config.model.weights.empty())
    fail_usage("--pretrain makes the weights that training begins with; leave out --weights, or --pretrain");
  const RunFolder folder{arguments.output.empty() ? default_folder(resolved(config)) : arguments.output};
  if (arguments.pretrain > 0) config.set("model.weights", Json(folder.pretraining().root.string()));
  config = resolved(std::move(config));
  if (arguments.print_config) {
    fmt::print("{}", config.to_toml());
    return;
  }
  if (config.data.source.empty())
    fail_usage("leaf train needs a source of faces, e.g. leaf train ferplus:FOLDER --labels 800; see `leaf datasets`");
  check_run_folder(folder, arguments.force);
  console.on_note(recipe_reason(config));
  if (arguments.baseline) baseline_config(config);  // what it refuses should be known before faces are read
  const auto datasets = load_datasets(config, console);
  const auto pools = divide_datasets(config, datasets, console);
  if (arguments.pretrain > 0) {
    Console named("pretraining");
    pretrain_first(config, arguments.pretrain, pools, folder, arguments.force, named);
  }
  if (arguments.baseline) {
    Console named("baseline");
    run_baseline(config, datasets, pools, folder, arguments.force, named);
  }
  print_report(run_experiment(config, pools, folder, arguments.force, console), folder);
}

}  // namespace leaf::app
