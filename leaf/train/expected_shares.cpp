#include "leaf/train/expected_shares.h"

#include "leaf/ssl/class_shares.h"
#include "leaf/train/trainer.h"

namespace leaf {
namespace {

constexpr int64_t kSample = 2048;      ///< unlabeled faces: a share is known to a percent
constexpr double kRarestShare = 1e-3;  ///< stands for a class that hardly any labeled face has

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
