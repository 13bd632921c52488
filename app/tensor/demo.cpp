#include <fmt/format.h>

#include <algorithm>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/terminal.h"
#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/codec.h"
#include "leaf/pictures/contact_sheet.h"
#include "leaf/runs/experiment.h"

namespace leaf::app {
namespace {

constexpr int64_t kShown = 96;  ///< faces in faces.png
constexpr int64_t kDefaultSteps = 600, kClasses = 7;

/// What both runs have, the network with its semantic and instance level included. What fits four minutes on two cores and works
/// from random weights: a small network, three unlabeled faces for each labeled one, and what short runs need (docs/results.md):
/// a scale on the unit-length features so that the classifier can become confident, a larger learning rate, a shorter moving
/// average, thresholds that do not climb to 0.97.
Config demo_config(const DemoArguments& arguments) {
  Config config;
  config.method = "paper";
  config.data.source = fmt::format("synthetic:{},seed={}", arguments.faces, arguments.seed);
  config.data.labels = static_cast<double>(arguments.labels_per_class * kClasses);
  config.data.split_seed = arguments.seed;
  config.views.size = 48;
  config.views.padding = 4;
  config.model.backbone = "resnet10_half";
  config.model.stem = "imagenet";
  config.model.scale = 16;
  config.train.steps = arguments.steps > 0 ? arguments.steps : kDefaultSteps;
  config.train.epochs = std::min<int64_t>(10, config.train.steps);
  config.train.unlabeled_batch = 48;
  config.train.seed = arguments.seed;
  config.train.threads = arguments.threads;
  config.train.calibrate = false;  // two accuracies are compared
  config.optimizer.learning_rate = 0.0015;
  config.average.decay = 0.99;
  // Said aloud, so that both algorithms have this network and not the one of their own paper.
  for (const auto* part : {"model.semantic.enabled", "model.instance.enabled", "model.unit_length"}) config.set(part, Json(true));
  config.set("model.dropout", Json(0.0));
  return config;
}

Report run_one(Config config, const std::string& algorithm, const Pools& pools, const DemoArguments& arguments) {
  Console console(algorithm);
  config.algorithm = algorithm;
  if (has_option(algorithm, "threshold.decay")) config.set("algorithm.threshold.decay", Json(0.8));
  return run_experiment(resolve(std::move(config)), pools, {std::filesystem::path(arguments.output) / algorithm}, arguments.force,
                        console);
}

void save_faces(const std::filesystem::path& path, const Pool& pool) {
  std::vector<Image> faces;
  for (int64_t i = 0; i < std::min(kShown, pool.size()); ++i) faces.push_back(pool.dataset->faces->face(pool.rows[i]));
  write_png(path, contact_sheet(faces, 16));
}

void print_comparison(const Report& supervised, const Report& leaf, const DemoArguments& arguments) {
  if (arguments.format == "json") {
    write_output(json_text(Json({{"seed", arguments.seed}, {"supervised", to_json(supervised)}, {"leaf", to_json(leaf)}})));
    return;
  }
  print("\nheld-out faces           supervised only        LEAF\n");
  const auto row = [](const char* name, double first, double second) {
    print("{:<22} {:>15.1f} % {:>9.1f} %   {:+.1f}\n", name, 100 * first, 100 * second, 100 * (second - first));
  };
  row("accuracy", supervised.test.accuracy, leaf.test.accuracy);
  row("balanced accuracy", supervised.test.balanced_accuracy, leaf.test.balanced_accuracy);
  row("macro F1", supervised.test.macro_f1, leaf.test.macro_f1);
  print("{:<22} {:>17} {:>11}\n", "training time", duration(supervised.seconds), duration(leaf.seconds));
  print("\nsupervised only: {}\nLEAF: {}", to_text(supervised.test), to_text(leaf.test));
  print("\nThe faces, both runs and their confusion matrices are in {}; try\n  leaf predict {}/leaf SOME-FACE.png\n",
        arguments.output, arguments.output);
}

}  // namespace

void run_demo(const DemoArguments& arguments) {
  const auto config = demo_config(arguments);
  Console console;
  const auto pools = load_pools(config, console);
  make_folder(arguments.output);
  if (can_draw()) save_faces(std::filesystem::path(arguments.output) / "faces.png", pools.unlabeled);
  const auto supervised = run_one(config, "supervised", pools, arguments);
  const auto leaf = run_one(config, "leaf", pools, arguments);
  print_comparison(supervised, leaf, arguments);
}

}  // namespace leaf::app
