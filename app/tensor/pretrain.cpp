#include "leaf/runs/pretrain.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "app/tensor/photos.h"
#include "app/tensor/request.h"
#include "leaf/base/error.h"
#include "leaf/base/terminal.h"
#include "leaf/runs/experiment.h"
#include "leaf/ssl/algorithms.h"

namespace leaf::app {
namespace {

void print_report(const PretrainReport& report, const RunFolder& folder, const std::string& source) {
  const auto& measured = report.representation;
  if (measured.neighbors) {
    print(
        "20 nearest neighbors {:.1f} %, linear probe {:.1f} % of the validation faces (labels were read for these two figures "
        "alone)\n",
        100 * *measured.neighbors, 100 * *measured.probe);
  }
  print("effective rank {:.1f}, uniformity {:.3f}, deviation {:.3f}\n", measured.rank, measured.uniformity, measured.deviation);
  print("{} views of {} faces in {} steps, {}; everything is in {}\n", report.views, report.faces, report.steps,
        duration(report.seconds), folder.root.string());
  print("next: leaf train {} --labels N --weights {}\n", source, folder.root.string());
}

}  // namespace

void run_pretrain(const PretrainArguments& arguments) {
  Console console;
  if (!arguments.resume.empty()) {
    const RunFolder folder{arguments.resume};
    return print_report(resume_pretraining(folder, console), folder, run_config(folder).data.source);
  }
  auto request = request_of(arguments.config);
  if (!arguments.print_config) find_faces(request, console);
  if (!request.given.contains("algorithm.name")) request.algorithm = kPretraining;
  check_supervision(request.algorithm, true);
  const auto config = resolve(std::move(request));
  if (arguments.print_config) {
    write_output(config->to_toml());
    return;
  }
  if (config->data.source.empty())
    fail_usage("leaf pretrain needs a source of faces, e.g. leaf pretrain folder:FACES; see `leaf datasets`");
  const auto name = fmt::format("runs/{}-{}-seed{}", short_name(config->data.source), config->algorithm, config->train.seed);
  const RunFolder folder{arguments.output.empty() ? name : arguments.output};
  check_run_folder(folder, arguments.force);
  const auto pools = load_pretraining_pools(*config, console);
  print_report(pretrain(config, pools, folder, arguments.force, console), folder, config->data.source);
}

}  // namespace leaf::app
