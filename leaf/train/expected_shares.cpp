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
  const auto unshifted = validation.logits.defined() ? validation.logits - old : torch::zeros({0, old.size(0)});
  found = agreed_shift(unshifted, validation.logits.defined() ? validation.labels : torch::zeros({0}, torch::kInt64), found);
  if (validation.logits.defined()) validation.logits = unshifted + found;
  shift.copy_(found);
  state.model->shift().copy_(found);
}

}  // namespace leaf
