#include "leaf/model/modes.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/mixing.h"

namespace leaf {
namespace {

struct MixMatchOptions {
  double temperature = 0.5;
  double alpha = 0.75;
  double unlabeled = 100;
  double ramp = 0.4;
};

void describe(Options& options, MixMatchOptions& own) {
  options.add("temperature", own.temperature, "sharpens the guessed labels", 1e-3, 10);
  options.add("alpha", own.alpha, "of the Beta distribution that faces are mixed with", 1e-3, 100);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("ramp", own.ramp, "share of the run over which that weight grows from 0", 0, 1);
}

/// MixMatch: labels guessed from two weak views, then mixtures of labeled and unlabeled faces.
///
///     q = sharpen((p(α₁ u) + p(α₂ u))/2);  (X, T) = mixup of [x, α₁ u, α₂ u] with [y, q, q]
///     L = mean over mixed labeled faces of H(T, z(X)) + λ·w(t)·mean over the rest of (softmax z(X) − T)²
class MixMatch : public Algorithm {
 public:
  using OwnOptions = MixMatchOptions;

  MixMatch(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto guess = guessed(step);
    const auto mixed = mixup(torch::cat({batch.labeled, batch.weak[0], batch.weak[1]}), torch::cat({batch.targets, guess, guess}),
                             options_.alpha);
    const int64_t labeled = batch.labeled.size(0), unlabeled = guess.size(0);
    const auto views = mixed.views.split_with_sizes({labeled, unlabeled, unlabeled});
    const auto targets = mixed.targets.split_with_sizes({labeled, 2 * unlabeled});
    const auto outputs = forward(step, views, Statistics::kOfFirst);

    const auto supervised = supervised_loss(outputs[0].unshifted, targets[0]);
    const auto rest = squared_error(torch::cat({outputs[1].logits, outputs[2].logits}).softmax(1), targets[1]).mean();
    return {{"supervised", supervised}, {"unlabeled", rest, options_.unlabeled * step.ramp(options_.ramp)}};
  }

  /// q, [U, C]: what both weak views together say, sharpened; no gradient.
  torch::Tensor guessed(Step& step) {
    const torch::NoGradGuard no_gradient;
    const FrozenStatistics frozen(*step.model);
    const auto outputs = step.model->forward_all({step.batch.weak[0], step.batch.weak[1]}, context_.joint_passes);
    return sharpen(beliefs(step, (outputs[0].probabilities() + outputs[1].probabilities()) / 2), options_.temperature);
  }

  const OwnOptions options_;
};

const Registration kMixMatch{
    algorithms(), "mixmatch",
    algorithm_entry<MixMatch>(
        {.title = "MixMatch: guessed labels and mixtures of faces",
         .citation = "Berthelot et al., NeurIPS 2019, arXiv 1905.02249",
         .views = {.weak = 2, .strong = 0},
         .no_category = "every face it learns from is a mixture of two, so that no pseudo-label meets an unmixed view",
         .presets = Description::separate_passes()})};

}  // namespace
}  // namespace leaf
