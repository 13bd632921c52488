#include "leaf/runs/cross_fit.h"

#include <algorithm>

#include "leaf/base/rng.h"
#include "leaf/runs/baseline.h"
#include "leaf/train/evaluate.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

constexpr int64_t kFolds = 4;
constexpr int64_t kSample = 2048;      ///< unlabeled faces: a share is known to a percent
constexpr uint64_t kFoldStream = 102;  ///< of Rng(train.seed)
constexpr double kPasses = 30;         ///< over the labels: then they are known by heart
constexpr double kShare = 0.15;        ///< of the run's views, all folds together
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

int64_t steps_of(const ResolvedConfig& run, int64_t labeled, int64_t folds) {
  const auto& train = run->train;
  const auto& views = run.description().views;
  const auto a_step = static_cast<double>(train.labeled_batch);
  const double passes = kPasses * static_cast<double>(labeled) / a_step;
  const double affordable = kShare * static_cast<double>(train.steps) *
                            static_cast<double>(views.total(train.labeled_batch, train.unlabeled_batch)) /
                            (a_step * static_cast<double>(folds));
  return std::max(kFewestSteps, static_cast<int64_t>(std::min(passes, affordable)));
}

}  // namespace

CrossFit cross_fit(const ResolvedConfig& run, const Pools& pools, const BeginSession& begin, Observer& observer) {
  const int64_t labeled = pools.labeled.size(), folds = std::min(kFolds, labeled);
  const auto classes = static_cast<int64_t>(pools.labeled.dataset->classes.size());
  CrossFit result{torch::zeros({folds < 2 ? 0 : labeled, classes}), torch::zeros({folds < 2 ? 0 : labeled}, torch::kInt64), {}};
  if (folds < 2) return result;
  const auto fold_of = folds_of(pools.labeled, folds, Rng(static_cast<uint64_t>(run->train.seed)).split(kFoldStream));
  const auto steps = steps_of(run, labeled * (folds - 1) / folds, folds);
  const auto config = labels_alone(run, steps);
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
    if (pools.unlabeled.size() > 0) result.unlabeled.push_back(judge(sample_of(pools.unlabeled, kSample)).unshifted);
  }
  return result;
}

}  // namespace leaf
