#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/request.h"
#include "app/tensor/start.h"
#include "leaf/base/bytes.h"
#include "leaf/base/terminal.h"
#include "leaf/model/model.h"
#include "leaf/runs/experiment.h"

namespace leaf::app {
namespace {

constexpr int64_t kWarmUp = 3;  ///< steps that are not measured

/// Collects the times of training steps.
class StepTimes : public Observer {
 public:
  void on_step(const StepReport& report) override {
    views_ = report.views;
    if (report.step <= kWarmUp) return;
    seconds_.push_back(report.seconds);
    waiting_ += report.waiting;
  }

  /// The median.
  double seconds_per_step() const {
    auto sorted = seconds_;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<int64_t>(sorted.size() / 2), sorted.end());
    return sorted[sorted.size() / 2];
  }
  double views_per_second() const { return static_cast<double>(views_) / seconds_per_step(); }
  double waiting_share() const {
    double sum = 0;
    for (const double seconds : seconds_) sum += seconds;
    return waiting_ / sum;
  }

 private:
  int64_t views_ = 0;
  double waiting_ = 0;
  std::vector<double> seconds_;
};

int64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

}  // namespace

void measure_step(const BenchArguments& arguments) {
  auto words = arguments.config;
  words.shortcuts.emplace(words.shortcuts.begin(), "train.steps", "10");  // measured unless --steps says otherwise
  words.shortcuts.emplace_back("train.labeled_steps", "0");               // the step of the algorithm itself
  if (!arguments.labels.empty()) words.shortcuts.emplace_back("data.labels", arguments.labels);
  if (!arguments.sources.empty()) words.source = arguments.sources.front();
  auto request = request_of(words);
  recognize_start(request);
  if (request.data.source.empty()) request.data.source = "synthetic:2000,size=48";
  if (request.data.labels == 0) request.data.labels = 70;
  request.train.views = 0;  // steps are measured, not a budget of views
  const int64_t measured = request.train.steps;
  request.train.steps += kWarmUp;
  request.train.epochs = 1;
  const auto resolved = on_this_machine(resolve(std::move(request)));
  const auto& config = *resolved;
  Console console("", true);
  auto pools = load_pools(config, console);
  pools.validation.rows.clear();
  pools.test.rows.clear();
  StepTimes times;
  measure_steps(resolved, pools, times);
  // Forward, the gradient of the images and that of the weights.
  const double operations = make_model(config.model, /*classes=*/2, config.views.size)->operations(config.views.size);
  const Json result = {{"size", config.views.size},
                       {"steps", measured},
                       {"views_per_second", times.views_per_second()},
                       {"seconds_per_step", times.seconds_per_step()},
                       {"operations_per_second", 3 * operations * times.views_per_second()},
                       {"waiting_share", times.waiting_share()},
                       {"peak_resident_bytes", peak_resident_bytes()},
                       {"precision", config.model.precision}};
  if (arguments.format == "json") {
    print("{}\n", result.dump());
    return;
  }
  print("a training step at {} pixels: {:.0f} views/s, {:.1f} % of it waiting for views, {} at most\n", config.views.size,
        times.views_per_second(), 100 * times.waiting_share(), human_bytes(static_cast<uint64_t>(peak_resident_bytes())));
}

}  // namespace leaf::app
