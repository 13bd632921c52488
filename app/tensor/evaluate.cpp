#include <fmt/format.h>

#include "app/console.h"
#include "app/output.h"
#include "app/tensor/commands.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/data/pools.h"
#include "leaf/deploy/recognizer.h"
#include "leaf/faces/chart.h"
#include "leaf/faces/codec.h"
#include "leaf/train/experiment.h"
#include "leaf/train/trainer.h"

namespace leaf::app {
namespace {

/// The test faces of the run itself.
Pool own_test_part(const std::string& run, Console& console) {
  const RunFolder folder{run};
  if (!std::filesystem::exists(folder.config())) fail("{} is not the folder of a run; name the faces to measure on, e.g. leaf eval {} folder:FACES", run, run);
  Config config;
  config.read_toml(read_file(folder.config(), 1 << 20), folder.config().string());
  config.data.split_file = folder.split().string();
  return load_pools(config, console).test;
}

/// A part of another source, its classes mapped to the model's by name.
Pool other_part(const EvaluateArguments& arguments, const std::vector<std::string>& classes, Console& console) {
  DataOptions options;
  options.source = arguments.source;
  const auto loaded = load_dataset(options.source, options, available_processors(),
                                   [&](int64_t done, int64_t total) { console.on_progress("decoding faces", done, total); });
  auto [pool, left_out] = labeled_part(loaded, arguments.part, classes);
  if (left_out > 0) console.on_note(fmt::format("{} faces were left out: their expression is unknown, or the model does not know it", left_out));
  return pool;
}

void write_folder(const std::string& folder, const Metrics& metrics) {
  make_folder(folder);
  const std::filesystem::path root = folder;
  write_file(root / "report.json", to_json(metrics).dump(2) + "\n");
  write_file(root / "confusion.csv", confusion_csv(metrics));
  write_file(root / "classes.csv", classes_csv(metrics));
  write_png(root / "confusion.png", confusion_picture(metrics.classes, metrics.confusion, fmt::format("accuracy {:.1f} % on {} faces", 100 * metrics.accuracy, metrics.faces)));
}

}  // namespace

void run_evaluate(const EvaluateArguments& arguments) {
  check_output(arguments.output, arguments.force);
  Console console;
  at::set_num_threads(available_processors());
  Recognizer recognizer(arguments.run);
  const auto pool = arguments.source.empty() ? own_test_part(arguments.run, console) : other_part(arguments, recognizer.classes(), console);
  if (pool.size() == 0) fail("there is no labeled face of that part to measure on; choose another --part or source");
  const auto metrics = evaluate(recognizer.model(), pool, recognizer.views(), torch::kCPU, &console);
  if (!arguments.output.empty()) write_folder(arguments.output, metrics);
  if (arguments.format == "json") return deliver(to_json(metrics).dump(2) + "\n", "");
  deliver(arguments.format == "csv" ? classes_csv(metrics) : to_text(metrics), "");
}

}  // namespace leaf::app
