#include "leaf/train/trainer.h"

#include <algorithm>
#include <cmath>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/base/stop.h"
#include "leaf/base/stopwatch.h"
#include "leaf/batches/prefetch.h"
#include "leaf/train/epoch.h"

namespace leaf {
namespace {

constexpr uint64_t kNoiseStream = 100;  ///< dropout and gate noise; the loader's streams have smaller numbers

/// The figures of a step as numbers: each term, the total, and what is watched. Throws Error when one is not finite.
std::vector<std::pair<std::string, double>> figures(const Objective& objective, const torch::Tensor& total, const State& state) {
  std::vector<std::pair<std::string, double>> values = {{"loss", total.item<double>()}};
  for (const auto& term : objective.terms()) values.emplace_back(term.name, term.value.item<double>());
  if (!std::isfinite(values.front().second)) {
    for (const auto& [name, value] : values) {
      if (name == "loss" || std::isfinite(value)) continue;
      fail(
          "the loss term \"{}\" became {} at step {}; the last good state is checkpoints/last.safetensors{}; try a smaller "
          "optimizer.learning_rate",
          name, value, state.step + 1, state.step == 0 ? " (none yet)" : "");
    }
    fail("the loss became {} at step {}; try a smaller optimizer.learning_rate", values.front().second, state.step + 1);
  }
  for (const auto& [name, value] : objective.watched()) values.emplace_back(name, value.item<double>());
  return values;
}

/// The factor on the learning rate, which is given for 16 labeled faces a step or, where none are used, for 256 unlabeled ones.
double batch_scale(const TrainOptions& train) {
  return train.labeled_batch > 0 ? static_cast<double>(train.labeled_batch) / 16
                                 : static_cast<double>(train.unlabeled_batch) / 256;
}

}  // namespace

int64_t epoch_end(int64_t epoch, int64_t steps, int64_t epochs) { return steps * epoch / epochs; }

void take_steps(State& state, const Loader& loader, const Config& config, Observer& observer,
                const std::function<void(int64_t epoch)>& at_epoch_end) {
  const auto& options = config.train;
  const auto device = state.model->parameters().front().device();
  const int64_t epochs = std::min(options.epochs, options.steps);
  int64_t epoch = 1;
  while (epoch_end(epoch, options.steps, epochs) <= state.step && epoch <= epochs) ++epoch;
  Prefetcher batches(loader, state.step, loader.options().views.workers);

  while (state.step < options.steps) {
    const Stopwatch stopwatch;
    const auto batch = batches.next().to(device);
    const double waiting = stopwatch.seconds();

    torch::manual_seed(Rng(options.seed).split(kNoiseStream).split(state.step).bits());
    state.model->train();
    const auto objective = state.algorithm->objective(state.model, batch);
    const auto loss = objective.total();
    const auto values = figures(objective, loss, state);
    const double rate = learning_rate(config.optimizer, state.step, options.steps) * batch_scale(options);
    state.optimizer->descend(loss, rate);
    state.averaging->update(rate, state.step);
    ++state.step;
    observer.on_step({state.step, values, loader.views(state.step - 1), rate, stopwatch.seconds(), waiting});

    if (state.step == epoch_end(epoch, options.steps, epochs)) at_epoch_end(epoch++);
    if (StopSignals::asked() != 0) break;
  }
}

void train(State& state, const Loader& loader, const Pool& validation, const Config& config, Observer& observer,
           const std::function<void(bool best)>& checkpoint) {
  const auto device = state.model->parameters().front().device();
  take_steps(state, loader, config, observer, [&](int64_t epoch) {
    const auto report = end_epoch(state, loader, validation, epoch, device);
    observer.on_epoch(report);
    checkpoint(report.best);
  });
}

}  // namespace leaf
