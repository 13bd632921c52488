#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "app/tensor/commands.h"
#include "app/tensor/request.h"
#include "leaf/base/parallel.h"
#include "leaf/base/stopwatch.h"
#include "leaf/base/terminal.h"
#include "leaf/model/model.h"
#include "leaf/model/precision.h"
#include "leaf/views/normalize.h"

namespace leaf::app {
namespace {

constexpr int64_t kWarmUp = 3;  ///< batches that are not measured
constexpr int64_t kClasses = 7;

/// Seconds of each of `repeats` passes from normalized faces to probabilities, shortest first.
std::vector<double> pass_seconds(Model& model, int64_t faces, int64_t size, int64_t repeats) {
  const auto views =
      torch::rand({faces, 3, size, size}).contiguous(torch::MemoryFormat::ChannelsLast);  // as Recognizer makes them
  std::vector<double> seconds;
  for (int64_t i = 0; i < kWarmUp + repeats; ++i) {
    const Stopwatch stopwatch;
    model->forward(views).probabilities();
    if (i >= kWarmUp) seconds.push_back(stopwatch.seconds());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

double at_share(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

}  // namespace

void measure_prediction(const BenchArguments& arguments) {
  auto words = arguments.config;
  // Batches that are measured, unless --steps says otherwise.
  words.shortcuts.emplace(words.shortcuts.begin(), "train.steps", "10");
  const auto config = request_of(words);
  const auto precision = arguments.precision.empty() ? chosen_precision(config.model) : arguments.precision;
  at::set_num_threads(config.train.threads > 0 ? static_cast<int>(config.train.threads) : available_processors());

  const torch::NoGradGuard no_gradient;
  torch::manual_seed(config.train.seed);
  auto model = make_model(config.model, kClasses, config.views.size);
  model->eval();
  model->fold(precision, largest_normalized());
  const auto batches = pass_seconds(model, arguments.batch, config.views.size, config.train.steps);
  const auto single = pass_seconds(model, 1, config.views.size, 10 * config.train.steps);
  const Json result = {{"size", config.views.size},
                       {"batch", arguments.batch},
                       {"precision", precision},
                       {"faces_per_second", static_cast<double>(arguments.batch) / at_share(batches, 0.5)},
                       {"latency_ms_p50", 1000 * at_share(single, 0.5)},
                       {"latency_ms_p99", 1000 * at_share(single, 0.99)}};
  if (arguments.format == "json") {
    print("{}\n", result.dump());
    return;
  }
  print("prediction at {} pixels in {}: {:.0f} faces/s in batches of {}; one face in {:.1f} ms, 99 of 100 within {:.1f} ms\n",
        config.views.size, precision, static_cast<double>(arguments.batch) / at_share(batches, 0.5), arguments.batch,
        1000 * at_share(single, 0.5), 1000 * at_share(single, 0.99));
}

}  // namespace leaf::app
