#include "leaf/train/epoch.h"

#include <algorithm>

#include "leaf/train/evaluate.h"

namespace leaf {
namespace {

/// What the algorithm adapts on: the moving average's predictions of the labeled pool, plain or as the loader gives it.
Predictions labeled_predictions(State& state, const Loader& loader, int64_t epoch, torch::Device device) {
  auto& average = state.average;
  if (state.algorithm->adaptation() == Algorithm::Adaptation::kOnFaces) {
    return predict(average, loader.labeled(), loader.options().views, device);
  }
  const torch::NoGradGuard no_gradient;
  average->eval();
  std::vector<torch::Tensor> logits, labels;
  auto options = loader.options();
  options.count = {.weak = 0, .strong = 0};
  options.taught = torch::Tensor();
  options.taught_batch = 0;
  options.seed += static_cast<uint64_t>(epoch) << 32;  // views of their own
  const Loader labeled(loader.labeled(), {}, options);
  const int64_t batches = std::max<int64_t>(1, loader.labeled().size() / options.labeled_batch);  // the last part is cut off
  for (int64_t i = 0; i < batches; ++i) {
    const auto batch = labeled.batch(i).to(device);
    logits.push_back(average->forward(batch.labeled).logits);
    labels.push_back(batch.labels);
  }
  return {.logits = torch::cat(logits), .labels = torch::cat(labels)};
}

std::vector<double> thresholds_of(const Algorithm& algorithm) {
  const auto thresholds = algorithm.thresholds();
  if (!thresholds.defined()) return {};
  const auto values = thresholds.to(torch::kCPU, torch::kFloat64).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

}  // namespace

EpochReport end_epoch(State& state, const Loader& loader, const Pool& validation, int64_t epoch, torch::Device device) {
  const auto& views = loader.options().views;
  Predictions judged;  // of the validation faces
  if (validation.size() > 0) {
    const Aimed finished(state);
    judged = predict(state.average, validation, views, device);
  }
  if (state.algorithm->adaptation() != Algorithm::Adaptation::kNone) {
    state.algorithm->adapt(labeled_predictions(state, loader, epoch, device), epoch);
  }
  EpochReport report;
  report.epoch = epoch;
  report.step = state.step;
  report.thresholds = thresholds_of(*state.algorithm);
  if (validation.size() > 0) {
    report.validation = measured(validation, judged);
    if (auto outliers = state.algorithm->outliers()) {
      outliers->fit(predict(state.average, loader.labeled(), views, device).features, judged.features);
    }
  }
  report.best = validation.size() == 0 || report.validation.accuracy > state.best;
  if (report.best) {
    state.best = report.validation.accuracy;
    state.best_step = state.step;
  }
  return report;
}

}  // namespace leaf
