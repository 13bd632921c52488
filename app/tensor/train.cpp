#include <fmt/format.h>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "app/tensor/photos.h"
#include "app/tensor/request.h"
#include "app/tensor/start.h"
#include "leaf/base/error.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"
#include "leaf/compare/variant.h"
#include "leaf/config/recipe.h"
#include "leaf/runs/baseline.h"
#include "leaf/runs/beside.h"
#include "leaf/runs/experiment.h"
#include "leaf/ssl/algorithms.h"

namespace leaf::app {
namespace {

/// runs/ferplus-leaf-800-seed0
std::string default_folder(const Config& config) {
  const auto labels = config.data.labels > 0 ? fmt::format("{:g}", config.data.labels) : "all";
  return fmt::format("runs/{}-{}-{}-seed{}", short_name(config.data.source), variant_of(config).name(), labels,
                     config.train.seed);
}

void print_report(const Report& report, const RunFolder& folder) {
  write_output(report.test.faces > 0 ? to_text(Tested{report.test, report.calibration, report.sets})
                                     : "no face was tested on (data.test_share)\n");
  const auto model =
      report.labels.choosing > 0
          ? fmt::format("best step {} of {} by {} {}", report.best_step, report.steps, grouped(report.labels.choosing),
                        report.labels.outside ? "labels outside of the budget" : "of the labels")
          : fmt::format("the last moving average of {} steps", report.steps);
  print("the model is {}; {} views in {}; everything is in {}\n", model, report.views, duration(report.seconds),
        folder.root.string());
  if (!report.advice.sentence.empty()) print("{}\n", report.advice.sentence);
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
  auto request = request_of(arguments.config);
  check_supervision(request.algorithm, false);
  const bool pretrains = arguments.pretrain > 0;
  if (pretrains && !request.model.weights.empty())
    fail_usage("--pretrain makes the weights that training begins with; leave out --weights, or --pretrain");
  request.weights_follow = pretrains;
  if (!arguments.print_config) find_faces(request, console);
  recognize_start(request);
  choose_start(request, console);
  auto config = resolve(std::move(request));
  const RunFolder folder{arguments.output.empty() ? default_folder(*config) : arguments.output};
  if (pretrains) config = with_weights(std::move(config), folder.pretraining().root.string());
  if (arguments.print_config) {
    write_output(config->to_toml());
    return;
  }
  if (config->data.source.empty())
    fail_usage("leaf train needs a source of faces, e.g. leaf train ferplus:FOLDER --labels 800; see `leaf datasets`");
  check_run_folder(folder, arguments.force);
  const auto owner = own(folder);
  console.on_note(recipe_reason(*config));
  if (arguments.baseline) baseline_config(config);  // what it refuses should be known before faces are read
  const auto datasets = load_datasets(*config, console);
  const auto pools = divide_datasets(*config, datasets, console);
  if (pretrains) {
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
