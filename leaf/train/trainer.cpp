#include "leaf/train/trainer.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/base/stop.h"
#include "leaf/base/stopwatch.h"
#include "leaf/batches/prefetch.h"
#include "leaf/train/epoch.h"

namespace leaf {
namespace {

constexpr uint64_t kNoiseStream = 100;  ///< dropout and gate noise; the loader's streams have smaller numbers

/// The figures of a step: the total, each term, and what is watched. A GPU works on while the program does, so they are asked for
/// at once and read later.
class Figures {
 public:
  Figures(const Objective& objective, const torch::Tensor& total, int64_t step) : step_(step), terms_(objective.terms().size()) {
    std::vector<torch::Tensor> values;
    const auto add = [&](const std::string& name, const torch::Tensor& value) {
      names_.push_back(name);
      values.push_back(value.detach().to(total.device(), torch::kFloat64));
    };
    add("loss", total);
    for (const auto& term : objective.terms()) add(term.name, term.value);
    for (const auto& [name, value] : objective.watched()) add(name, value);
    const auto all = torch::stack(values);
    if (all.is_cpu()) {
      values_ = all;
      return;
    }
    values_ = torch::empty(all.sizes(), all.options().device(torch::kCPU).pinned_memory(true));
    values_.copy_(all, /*non_blocking=*/true);
    copied_.emplace(all.device().type());
    copied_->record(c10::impl::VirtualGuardImpl(all.device().type()).getStream(all.device()));
  }

  /// As numbers, once they are known. Throws Error when the loss is not finite.
  std::vector<std::pair<std::string, double>> read() const {
    while (copied_ && !copied_->query()) std::this_thread::sleep_for(std::chrono::microseconds(20));
    std::vector<std::pair<std::string, double>> result;
    for (size_t i = 0; i < names_.size(); ++i) result.emplace_back(names_[i], values_.data_ptr<double>()[i]);
    if (std::isfinite(result.front().second)) return result;
    for (size_t i = 1; i <= terms_; ++i) {
      const auto& [name, value] = result[i];
      if (std::isfinite(value)) continue;
      fail(
          "the loss term \"{}\" became {} at step {}; the last good state is checkpoints/last.safetensors{}; try a smaller "
          "optimizer.learning_rate",
          name, value, step_ + 1, step_ == 0 ? " (none yet)" : "");
    }
    fail("the loss became {} at step {}; try a smaller optimizer.learning_rate", result.front().second, step_ + 1);
  }

 private:
  int64_t step_;
  size_t terms_;
  std::vector<std::string> names_;
  torch::Tensor values_;                ///< float64
  std::optional<c10::Event> copied_{};  ///< when they are there
};

/// What is known of a step before its figures are.
struct Taken {
  Figures figures;
  StepReport report;
};

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
  Prefetcher batches(loader, state.step, loader.options().views.workers, /*pinned=*/device.is_cuda());
  std::optional<Taken> last;
  const auto tell = [&] {
    if (!last) return;
    last->report.figures = last->figures.read();
    observer.on_step(last->report);
    last.reset();
  };

  while (state.step < options.steps) {
    const Stopwatch stopwatch;
    const auto batch = batches.next().to(device);
    const double waiting = stopwatch.seconds();

    torch::manual_seed(Rng(options.seed).split(kNoiseStream).split(state.step).bits());
    state.model->train();
    const auto objective = state.algorithm->objective(state.model, batch);
    const auto loss = objective.total();
    Figures figures(objective, loss, state.step);
    if (device.is_cpu()) figures.read();  // before anything moves
    const double rate = learning_rate(config.optimizer, state.step, options.steps) * batch_scale(options);
    state.optimizer->descend(loss, rate);
    state.averaging->update(rate, state.step);
    ++state.step;
    tell();  // of the step before, on a GPU, which is done with it while this one goes on
    last = {std::move(figures), {state.step, {}, loader.views(state.step - 1), rate, stopwatch.seconds(), waiting}};

    const bool epoch_ends = state.step == epoch_end(epoch, options.steps, epochs);
    if (device.is_cpu() || epoch_ends) tell();
    if (epoch_ends) at_epoch_end(epoch++);
    if (StopSignals::asked() != 0) break;
  }
  tell();
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
