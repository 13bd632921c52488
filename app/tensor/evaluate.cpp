#include <fmt/format.h>
#include <torch/cuda.h>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "app/tensor/photos.h"
#include "app/tensor/sets.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/data/load_dataset.h"
#include "leaf/model/precision.h"
#include "leaf/pools/division.h"
#include "leaf/pools/pools.h"
#include "leaf/recognize/model_file.h"
#include "leaf/runs/experiment.h"
#include "leaf/runs/report.h"
#include "leaf/views/normalize.h"

namespace leaf::app {
namespace {

/// The test faces of the run itself.
Pool own_test_part(const std::string& run, Console& console) {
  const RunFolder folder{run};
  if (!std::filesystem::exists(folder.config()))
    fail("{} is not the folder of a run; name the faces to measure on, e.g. leaf eval {} folder:FACES", run, run);
  const auto config = continued_config(folder);
  return divide_again(config, load_datasets(config, console), folder, console).test;
}

Part part_named(const std::string& name) { return name == "train" ? Part::train : Part::validation; }

/// A part of another source, for "test" what a run of it would be tested on, its classes mapped to the model's by name; faces
/// that the model has no class for are left out.
Pool other_part(const EvaluateArguments& arguments, const ModelFile& model, Console& console) {
  const auto& classes = model.classes;
  DataOptions options;
  options.source = with_faces_found(arguments.source, model.views.margin, console);
  options.classes = arguments.classes;
  const auto progress = [&](int64_t done, int64_t total) { console.on_progress("decoding faces", done, total); };
  const auto loaded = std::make_shared<const Dataset>(load_dataset(options.source, options, available_processors(), progress));
  for (const auto& remark : remarks_on(*loaded)) console.on_note(remark);
  int64_t left_out = 0;
  Pool pool{with_classes(loaded, classes, left_out), {}};
  const auto& records = pool.dataset->records;
  if (arguments.part == "test") {
    const auto test = test_part(*loaded, options);
    for (const auto& remark : test.remarks) console.on_note(remark);
    pool.rows = test.test;
  } else {
    for (int64_t row = 0; row < pool.dataset->size(); ++row) {
      if (arguments.part == "all" || records[row].part == part_named(arguments.part)) pool.rows.push_back(row);
    }
  }
  std::erase_if(pool.rows, [&](int64_t row) { return records[row].label == kUnlabeled; });
  if (left_out > 0)
    console.on_note(
        fmt::format("{} faces were left out: their expression is unknown, or the model has no class for it", left_out));
  return pool;
}

}  // namespace

void run_evaluate(const EvaluateArguments& arguments) {
  check_output(arguments.output, arguments.force);
  if (arguments.source.empty() && arguments.classes != "all")
    fail_usage("--classes {} says how a source is read, but none is named; name one, or leave --classes out", arguments.classes);
  Console console;
  at::set_num_threads(available_processors());
  auto file = load_model(arguments.run);
  const bool on_gpu = arguments.precision.empty() && torch::cuda::is_available();
  const torch::Device device(on_gpu ? torch::kCUDA : torch::kCPU);
  prepare(device);
  file.model->to(device);
  // Without a precision the network computes as it did when the run was tested, to the last bit, if this machine can.
  if (!arguments.precision.empty()) {
    file.model->fold(arguments.precision, largest_normalized());
  } else if (!on_gpu && avoid_slow_precision(file)) {
    console.on_note("the model was trained in bfloat16, for which this processor has no instructions: it computes in float32");
  }
  const auto pool = arguments.source.empty() ? own_test_part(arguments.run, console) : other_part(arguments, file, console);
  if (pool.size() == 0) fail("there is no labeled face of that part to measure on; choose another --part or source");
  const auto coverage = arguments.coverage > 0 ? std::optional(arguments.coverage) : std::nullopt;
  if (coverage) tell_uncalibrated(file.calibration, console);
  const auto tested = test_model(file, pool, device, &console, coverage);
  auto json = to_json(tested.metrics);
  if (tested.calibration) json["calibration"] = to_json(*tested.calibration);
  if (tested.sets) json["sets"] = to_json(*tested.sets);
  if (!arguments.output.empty()) write_report(arguments.output, tested.metrics, json);
  if (arguments.format == "json") return deliver(json_text(json), "");
  deliver(arguments.format == "csv" ? classes_csv(tested.metrics) : to_text(tested), "");
}

}  // namespace leaf::app
