#include <torch/nn/modules/linear.h>

#include <limits>

#include "leaf/model/modes.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/mixing.h"

namespace leaf {
namespace {

struct ReMixMatchOptions {
  double temperature = 0.5;
  double alpha = 0.75;
  double mixed = 1.5;
  double strong = 0.5;
  double rotation = 0.5;
  double ramp = 0.015625;
  double momentum = 0.999;
};

void describe(Options& options, ReMixMatchOptions& own) {
  options.add("temperature", own.temperature, "sharpens the guessed labels", 1e-3, 10);
  options.add("alpha", own.alpha, "of the Beta distribution that faces are mixed with", 1e-3, 100);
  options.add("mixed", own.mixed, "weight of the loss on mixed unlabeled faces", 0, 1000);
  options.add("strong", own.strong, "weight of the loss on an unmixed strong view", 0, 1000);
  options.add("rotation", own.rotation, "weight of guessing how a strong view was turned", 0, 1000);
  options.add("ramp", own.ramp, "share of the run over which the first two weights grow from 0", 0, 1);
  options.add("momentum", own.momentum, "of the mean prediction that alignment divides by", 0, 1);
}

/// ReMixMatch: MixMatch with distribution alignment, strong views anchored to the weak one, and rotations to tell apart.
///
///     q = sharpen(Norm(p(α u)·p(y)/p̃));  (X, T) = mixup of [x, A₀ u, A₁ u, α u] with [y, q, q, q]
///     L = mean over mixed labeled faces of H(T, z(X)) + λ_u·w(t)·mean over the rest of H(T, z(X))
///         + λ_s·w(t)·mean H(q, z(A₀ u)) + λ_r·mean H(k, rotation(A₀ u turned by k quarters))
class ReMixMatch : public Algorithm {
 public:
  using OwnOptions = ReMixMatchOptions;

  ReMixMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        rotation_(register_module("rotation", torch::nn::Linear(context.features, 4))),
        labeled_(register_buffer("labeled", torch::tensor(context.prior, torch::kDouble).to(torch::kFloat32))),
        mean_(register_buffer("mean", torch::full({context.classes}, std::numeric_limits<double>::quiet_NaN()))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto guess = guessed(step);
    const auto mixed = mixup(torch::cat({batch.labeled, batch.strong[0], batch.strong[1], batch.weak[0]}),
                             torch::cat({batch.targets, guess, guess, guess}), options_.alpha);
    const auto quarters = torch::randint(0, 4, {guess.size(0)}, torch::kInt64).to(guess.device());
    const int64_t labeled = batch.labeled.size(0), rest = mixed.views.size(0) - labeled;
    const auto views = mixed.views.split_with_sizes({labeled, rest}), targets = mixed.targets.split_with_sizes({labeled, rest});
    const auto outputs =
        forward(step, {views[0], views[1], batch.strong[0], turned(batch.strong[0], quarters)}, Statistics::kOfFirst);

    const double growth = step.ramp(options_.ramp);
    return {{"supervised", supervised_loss(outputs[0].unshifted, targets[0])},
            {"mixed", cross_entropy(outputs[1].logits, targets[1]).mean(), options_.mixed * growth},
            {"strong", pseudo_label_loss(outputs[2].logits, guess, guess).mean(), options_.strong * growth},
            {"rotation", cross_entropy(rotation_(outputs[3].features), quarters).mean(), options_.rotation}};
  }

  /// q, [U, C]: the weak view's prediction, aligned and sharpened; no gradient. Aligned with the shares of the labeled faces or,
  /// since those of unlabeled faces are what p(y) stands for, with the ones that a class shift expects.
  torch::Tensor guessed(Step& step) {
    const torch::NoGradGuard no_gradient;
    const FrozenStatistics frozen(*step.model);
    const auto believed = unshifted(step, beliefs(step, step.model->forward(step.batch.weak[0]).probabilities()));
    update_mean(mean_, believed.mean(0), options_.momentum);
    return sharpen(align(believed, expected_shares(step, labeled_), mean_), options_.temperature);
  }

  const OwnOptions options_;
  torch::nn::Linear rotation_;
  torch::Tensor labeled_, mean_;  ///< [C] shares among labeled faces; mean prediction
};

const Registration kReMixMatch{
    algorithms(), "remixmatch",
    algorithm_entry<ReMixMatch>({.title = "ReMixMatch: MixMatch with alignment, anchored strong views and rotation",
                                 .citation = "Berthelot et al., ICLR 2020, arXiv 1911.09785",
                                 .views = {.weak = 1, .strong = 2},
                                 .category = "the unmixed strong view",
                                 .aligns = true,
                                 .presets = Description::separate_passes()})};

}  // namespace
}  // namespace leaf
