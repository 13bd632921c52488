#include "leaf/runs/cross_fit.h"

#include <algorithm>

#include "leaf/base/rng.h"
#include "leaf/runs/baseline.h"
#include "leaf/train/evaluate.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

constexpr int64_t kFolds = 4;
constexpr int64_t kSample = 2048;           ///< unlabeled faces: a share is known to a percent
constexpr uint64_t kFoldStream = 102;       ///< of Rng(train.seed)
constexpr double kPasses = 30;              ///< over the labels: then they are known by heart
constexpr double kCalibrationShare = 0.25;  ///< of a run's views, those that finding its calibration may take
constexpr double kShare = 0.15;             ///< of the run's views, all folds together
constexpr int64_t kFewestSteps = 10;

/// The fold of each labeled face, [n]: every class is spread over the folds.
std::vector<int64_t> folds_of(const Pool& labeled, int64_t folds, const Rng& rng) {
  const auto labels = labels_of(labeled);
  std::vector<int64_t> order(labels.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  Rng(rng).shuffle(order);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return labels[a] < labels[b]; });
  std::vector<int64_t> result(order.size());
  for (size_t i = 0; i < order.size(); ++i) result[order[i]] = static_cast<int64_t>(i) % folds;
  return result;
}

/// Shows the steps of a fold as progress of the whole.
class FoldProgress : public ForwardingObserver {
 public:
  FoldProgress(Observer& next, int64_t before, int64_t total) : ForwardingObserver(next), before_(before), total_(total) {}
  void on_step(const StepReport& report) override {
    next_.on_progress("cross-fitting the labels", before_ + report.step, total_);
  }

 private:
  int64_t before_, total_;
};

/// Steps after which so many labels are known by heart.
double passes_over(int64_t labeled, const TrainOptions& train) {
  return kPasses * static_cast<double>(labeled) / static_cast<double>(train.labeled_batch);
}

int64_t steps_of(const ResolvedConfig& run, int64_t labeled, int64_t folds) {
  const auto& train = run->train;
  const auto& views = run.description().views;
  const auto a_step = static_cast<double>(train.labeled_batch);
  const double affordable = kShare * static_cast<double>(train.steps) *
                            static_cast<double>(views.total(train.labeled_batch, train.unlabeled_batch)) /
                            (a_step * static_cast<double>(folds));
  return std::max(kFewestSteps, static_cast<int64_t>(std::min(passes_over(labeled, train), affordable)));
}

/// The faces held out by `folds` networks that learn by `config`; `sample` of the unlabeled faces are judged too.
CrossFit fit(const ResolvedConfig& config, const Pools& pools, int64_t folds, const Pool& sample, const BeginSession& begin,
             Observer& observer) {
  const int64_t labeled = pools.labeled.size(), steps = config->train.steps;
  const auto classes = static_cast<int64_t>(pools.labeled.dataset->classes.size());
  CrossFit result{torch::zeros({labeled, classes}), torch::zeros({labeled}, torch::kInt64), {}};
  const auto fold_of = folds_of(pools.labeled, folds, Rng(static_cast<uint64_t>(config->train.seed)).split(kFoldStream));
  for (int64_t fold = 0; fold < folds; ++fold) {
    Pools part;
    part.labeled.dataset = part.unlabeled.dataset = part.validation.dataset = part.test.dataset = pools.labeled.dataset;
    Pool held_out{pools.labeled.dataset, {}};
    std::vector<int64_t> positions;
    for (int64_t i = 0; i < labeled; ++i) {
      const bool is_out = fold_of[i] == fold;
      (is_out ? held_out : part.labeled).rows.push_back(pools.labeled.rows[i]);
      if (is_out) positions.push_back(i);
    }
    auto session = begin(config, part);
    FoldProgress progress(observer, fold * steps, folds * steps);
    take_steps(session.state, *session.loader, *session.config, progress, [](int64_t /*epoch*/) {});
    const auto judge = [&](const Pool& faces) {
      return predict(session.state.average, faces, session.config->views, session.device);
    };
    const auto judged = judge(held_out);
    const auto where = torch::tensor(positions);
    result.held_out.index_copy_(0, where, judged.unshifted);
    result.labels.index_copy_(0, where, judged.labels);
    if (sample.size() > 0) result.unlabeled.push_back(judge(sample).unshifted);
  }
  return result;
}

CrossFit nothing_held_out(const Pools& pools) {
  return {torch::zeros({0, static_cast<int64_t>(pools.labeled.dataset->classes.size())}), torch::zeros({0}, torch::kInt64), {}};
}

}  // namespace

CrossFit cross_fit(const ResolvedConfig& run, const Pools& pools, const BeginSession& begin, Observer& observer) {
  const int64_t labeled = pools.labeled.size(), folds = std::min(kFolds, labeled);
  if (folds < 2) return nothing_held_out(pools);
  const auto config = labels_alone(run, steps_of(run, labeled * (folds - 1) / folds, folds));
  return fit(config, pools, folds, sample_of(pools.unlabeled, kSample), begin, observer);
}

CrossFit cross_fit_labels(const ResolvedConfig& run, const Pools& pools, const BeginSession& begin, Observer& observer) {
  const int64_t labeled = pools.labeled.size(), folds = std::min(kFolds, labeled);
  if (folds < 2 || run->train.steps / folds < kFewestSteps) return nothing_held_out(pools);
  const auto& train = run->train;
  const auto views = static_cast<double>(run.description().views.total(train.labeled_batch, train.unlabeled_batch));
  const double passes = passes_over(labeled * (folds - 1) / folds, train),
               affordable = kCalibrationShare * static_cast<double>(train.steps) * views /
                            static_cast<double>(train.labeled_batch * folds);
  const auto wanted = static_cast<int64_t>(std::min(passes, affordable));
  auto config = *labels_alone(run, std::clamp(wanted, kFewestSteps, train.steps / folds));
  config.average.growth = true;
  return fit(resolve(std::move(config)), pools, folds, {pools.labeled.dataset, {}}, begin, observer);
}

}  // namespace leaf
