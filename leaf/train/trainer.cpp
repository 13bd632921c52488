#include "leaf/train/trainer.h"

#include <chrono>
#include <cmath>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/data/prefetch.h"
#include "leaf/train/expected_shares.h"

namespace leaf {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kEvaluationBatch = 128;
constexpr uint64_t kNoiseStream = 100;  ///< dropout and gate noise; the loader's streams have smaller numbers

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

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

/// What the algorithm adapts on: the moving average's predictions of the labeled pool, plain or as the loader gives it.
Predictions labeled_predictions(State& state, const Loader& loader, int64_t epoch, torch::Device device) {
  auto& average = state.average;
  if (state.algorithm->adaptation() == Algorithm::Adaptation::kOnFaces)
    return predict(average, loader.labeled(), loader.options().views, device);
  const torch::NoGradGuard no_gradient;
  average->eval();
  std::vector<torch::Tensor> logits, labels;
  auto options = loader.options();
  options.count = {.weak = 0, .strong = 0};
  options.seed += static_cast<uint64_t>(epoch) << 32;  // views of their own
  const Loader labeled(loader.labeled(), {}, options);
  const int64_t batches = std::max<int64_t>(1, loader.labeled().size() / options.labeled_batch);  // the last part is cut off
  for (int64_t i = 0; i < batches; ++i) {
    const auto batch = labeled.batch(i).to(device);
    logits.push_back(average->forward(batch.labeled).logits);
    labels.push_back(batch.labels);
  }
  return {torch::cat(logits), torch::cat(labels)};
}

Metrics measured(const Pool& pool, const Predictions& predictions) {
  const auto list = [](const torch::Tensor& values) {
    return std::vector<int64_t>(values.data_ptr<int64_t>(), values.data_ptr<int64_t>() + values.numel());
  };
  return measure(pool.dataset->classes, list(predictions.labels), list(predictions.logits.argmax(1).contiguous()));
}

EpochReport end_epoch(State& state, const Loader& loader, const Pool& validation, int64_t epoch, torch::Device device) {
  const auto& views = loader.options().views;
  Predictions predictions;
  if (validation.size() > 0) predictions = predict(state.average, validation, views, device);
  expect_unlabeled_shares(state, loader, predictions, device);
  if (state.algorithm->adaptation() != Algorithm::Adaptation::kNone) {
    state.algorithm->adapt(labeled_predictions(state, loader, epoch, device), epoch);
  }
  EpochReport report;
  report.epoch = epoch;
  report.step = state.step;
  if (validation.size() > 0) {
    report.validation = measured(validation, predictions);
    if (auto outliers = state.algorithm->outliers()) {
      outliers->fit(predict(state.average, loader.labeled(), views, device).features, predictions.features);
    }
  }
  report.best = validation.size() == 0 || report.validation.accuracy > state.best;
  if (report.best) {
    state.best = report.validation.accuracy;
    state.best_step = state.step;
  }
  if (const auto thresholds = state.algorithm->thresholds(); thresholds.defined()) {
    const auto values = thresholds.to(torch::kCPU, torch::kFloat64).contiguous();
    report.thresholds.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  }
  return report;
}

/// The factor on the learning rate, which is given for 16 labeled faces a step or, where none are used, for 256 unlabeled ones.
double batch_scale(const TrainOptions& train) {
  return train.labeled_batch > 0 ? static_cast<double>(train.labeled_batch) / 16
                                 : static_cast<double>(train.unlabeled_batch) / 256;
}

}  // namespace

Pool sample_of(const Pool& pool, int64_t most) {
  if (pool.size() <= most) return pool;
  Pool sample{pool.dataset, {}};
  for (int64_t i = 0; i < most; ++i) sample.rows.push_back(pool.rows[i * pool.size() / most]);
  return sample;
}

Predictions predict(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer) {
  const torch::NoGradGuard no_gradient;
  model->eval();
  std::vector<torch::Tensor> logits, features;
  for (int64_t begin = 0; begin < pool.size(); begin += kEvaluationBatch) {
    const int64_t end = std::min(begin + kEvaluationBatch, pool.size());
    const auto output = model->forward(plain_views(pool, begin, end, views).to(device));
    logits.push_back(output.logits.cpu());
    features.push_back(output.features.cpu());
    if (observer != nullptr) observer->on_progress("evaluating", end, pool.size());
  }
  if (logits.empty()) fail("there is no face to evaluate");
  return {torch::cat(logits), torch::tensor(labels_of(pool)), torch::cat(features)};
}

Metrics evaluate(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer) {
  return measured(pool, predict(model, pool, views, device, observer));
}

int64_t epoch_end(int64_t epoch, int64_t steps, int64_t epochs) { return steps * epoch / epochs; }

void take_steps(State& state, const Loader& loader, const Config& config, Observer& observer,
                const std::function<void(int64_t epoch)>& end_epoch) {
  const auto& options = config.train;
  const auto device = state.model->parameters().front().device();
  const int64_t epochs = std::min(options.epochs, options.steps);
  int64_t epoch = 1;
  while (epoch_end(epoch, options.steps, epochs) <= state.step && epoch <= epochs) ++epoch;
  Prefetcher batches(loader, state.step, loader.options().views.workers);

  while (state.step < options.steps) {
    const auto start = Clock::now();
    const auto batch = batches.next().to(device);
    const double waiting = seconds_since(start);

    torch::manual_seed(Rng(options.seed).split(kNoiseStream).split(state.step).bits());
    state.model->train();
    const auto objective = state.algorithm->objective(state.model, batch);
    const auto loss = objective.total();
    const auto values = figures(objective, loss, state);
    const double rate = learning_rate(config.optimizer, state.step, options.steps) * batch_scale(options);
    state.optimizer->descend(loss, rate);
    state.averaging->update(rate, state.step);
    ++state.step;
    observer.on_step({state.step, values, loader.views(state.step - 1), rate, seconds_since(start), waiting});

    if (state.step == epoch_end(epoch, options.steps, epochs)) end_epoch(epoch++);
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
