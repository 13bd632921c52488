#include "leaf/train/expected_shares.h"

#include "leaf/ssl/class_shares.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

constexpr int64_t kSample = 2048;      ///< unlabeled faces: a share is known to a percent
constexpr double kRarestShare = 1e-3;  ///< stands for a class that hardly any labeled face has

/// Faces spread evenly over the pool, at most `most` of them.
Pool sample_of(const Pool& pool, int64_t most) {
  if (pool.size() <= most) return pool;
  Pool sample{pool.dataset, {}};
  for (int64_t i = 0; i < most; ++i) sample.rows.push_back(pool.rows[i * pool.size() / most]);
  return sample;
}

}  // namespace

void expect_unlabeled_shares(State& state, const Loader& loader, Predictions& validation, torch::Device device) {
  const torch::NoGradGuard no_gradient;
  auto shift = state.average->shift();
  if (!shift.defined() || loader.unlabeled().size() == 0) return;
  const auto old = shift.cpu();
  const auto logits = predict(state.average, sample_of(loader.unlabeled(), kSample), loader.options().views, device).logits;
  const auto labeled = state.algorithm->learned_shares().clamp_min(kRarestShare);
  auto found = (estimate_shares(logits - old, labeled) / labeled).log();
  if (validation.logits.defined()) {
    found = found * agreed_weight(validation.logits - old, validation.labels, found);
    validation.logits = validation.logits - old + found;
  } else {
    found = found / 2;
  }
  shift.copy_(found);
  state.model->shift().copy_(found);
}

}  // namespace leaf
