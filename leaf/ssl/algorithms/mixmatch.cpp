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

  MixMatch(const Setting& setting, OwnOptions options) : Algorithm(setting), options_(options) {}

  ViewCount views() const override { return {.weak = 2, .strong = 0}; }

 private:
  Objective loss(Model& model, const Batch& batch) override {
    const auto guess = guessed(model, batch);
    const auto mixed = mixup(torch::cat({batch.labeled, batch.weak[0], batch.weak[1]}), torch::cat({batch.targets, guess, guess}),
                             options_.alpha);
    const int64_t labeled = batch.labeled.size(0), unlabeled = guess.size(0);
    const auto views = mixed.views.split_with_sizes({labeled, unlabeled, unlabeled});
    const auto targets = mixed.targets.split_with_sizes({labeled, 2 * unlabeled});
    const auto outputs = forward(model, views, Statistics::kOfFirst);

    const auto supervised = supervised_loss(outputs[0].logits, targets[0]);
    const auto rest = squared_error(torch::cat({outputs[1].logits, outputs[2].logits}).softmax(1), targets[1]).mean();
    return {{"supervised", supervised},
            {"unlabeled", rest, options_.unlabeled * linear_ramp(batch.step, setting_.steps, options_.ramp)}};
  }

  /// q, [U, C]: what both weak views together say, sharpened; no gradient.
  torch::Tensor guessed(Model& model, const Batch& batch) {
    const torch::NoGradGuard no_gradient;
    const FrozenStatistics frozen(*model);
    const auto outputs = model->forward_all({batch.weak[0], batch.weak[1]}, setting_.joint_passes);
    return sharpen(beliefs((outputs[0].probabilities() + outputs[1].probabilities()) / 2), options_.temperature);
  }

  const OwnOptions options_;
};

const Registration kMixMatch{
    algorithms(), "mixmatch",
    algorithm_entry<MixMatch>(
        {.title = "MixMatch: guessed labels and mixtures of faces",
         .citation = "Berthelot et al., NeurIPS 2019, arXiv 1905.02249",
         .no_category = "every face it learns from is a mixture of two, so that no pseudo-label meets an unmixed view"})};

}  // namespace
}  // namespace leaf
