#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "leaf/model/modes.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct AdaMatchOptions {
  double threshold = 0.9;
  double unlabeled = 1;
  double momentum = 0.999;
  bool interpolate = true;
};

void describe(Options& options, AdaMatchOptions& own) {
  options.add("threshold", own.threshold, "a face is confident from this share of the labeled faces' mean confidence", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("momentum", own.momentum, "of the mean predictions that alignment compares", 0, 1);
  options.add("interpolate", own.interpolate,
              "random interpolation of labeled logits with and without unlabeled faces in the batch");
}

/// AdaMatch, for semi-supervised learning: predictions aligned with those of labeled faces, a threshold relative to them.
///
///     p_a = Norm(p(α u)·p̃_x/p̃_u);  cut = τ·mean max p(α x)
///     z_x = r·z′_x + (1 − r)·z″_x, r ~ U(0, 1) for each logit
///     L = mean H(y, z(α x)) + mean H(y, z(A x)) + λ·μ(t)·mean 1[max p_a ≥ cut]·H(p_a, z(A u))
///     μ(t) = ½ − ½·cos(min(π, 2πt))
///
/// p(α x), p̃_x and p̃_u are for the shares among the labels; a class shift is added to p̃_x, so that p_a has the shares
/// that the model expects and still is relative to what it says of labeled faces.
///
/// z′ come from one batch of labeled and unlabeled views, z″ from the labeled ones alone: their batch statistics differ.
/// One public code base leaves out the interpolation, the strong labeled views and μ and makes p_a one-hot; this is the
/// paper's form.
class AdaMatch : public Algorithm {
 public:
  using OwnOptions = AdaMatchOptions;

  AdaMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        labeled_(register_buffer("labeled", torch::full({context.classes}, std::numeric_limits<double>::quiet_NaN()))),
        unlabeled_(register_buffer("unlabeled", torch::full({context.classes}, std::numeric_limits<double>::quiet_NaN()))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.labeled_strong[0], batch.weak[0], batch.strong[0]});
    const auto &weak = outputs[2], &strong = outputs[3];
    const auto [labeled, labeled_strong] = of_labeled_faces(step, outputs[0], outputs[1]);
    const auto certain = labeled.unshifted.softmax(1).detach();
    update_mean(labeled_, certain.mean(0), options_.momentum);
    const auto raw = unshifted(step, beliefs(step, weak.probabilities()));
    update_mean(unlabeled_, raw.mean(0), options_.momentum);
    const auto believed = align(raw, shifted(step, labeled_), unlabeled_);
    const auto sure = believed.amax(1) >= options_.threshold * certain.amax(1).mean();

    const auto supervised =
        supervised_loss(labeled.unshifted, batch.targets) + supervised_loss(labeled_strong.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed, believed), sure);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled * growth(step.progress())}}.watch(
        "confident", sure);
  }

  /// What holds z_x of the weak and of the strong views of labeled faces: random mixtures of `weak` and `strong`, which were made
  /// together with unlabeled faces, and of the same views alone.
  std::pair<Output, Output> of_labeled_faces(Step& step, const Output& weak, const Output& strong) const {
    if (!options_.interpolate || !context_.joint_passes) return {weak, strong};  // separate passes are alone anyway
    const FrozenStatistics frozen(*step.model);
    const auto alone = forward(step, {step.batch.labeled, step.batch.labeled_strong[0]});
    const int64_t n = weak.logits.size(0);
    const auto share = torch::rand_like(torch::cat({weak.logits, strong.logits}));
    const auto mixed = [](const Output& together, const Output& apart, const torch::Tensor& r) {
      auto result = together;
      result.logits = r * together.logits + (1 - r) * apart.logits;
      result.unshifted = r * together.unshifted + (1 - r) * apart.unshifted;
      return result;
    };
    return {mixed(weak, alone[0], share.slice(0, 0, n)), mixed(strong, alone[1], share.slice(0, n))};
  }

  /// μ(t).
  static double growth(double t) { return 0.5 - 0.5 * std::cos(std::min(std::numbers::pi, 2 * std::numbers::pi * t)); }

  const OwnOptions options_;
  torch::Tensor labeled_, unlabeled_;  ///< p̃_x and p̃_u, [C]
};

const Registration kAdaMatch{
    algorithms(), "adamatch",
    algorithm_entry<AdaMatch>({.title = "AdaMatch: alignment with, and confidence relative to, labeled faces",
                               .citation = "Berthelot et al., ICLR 2022, arXiv 2106.04732",
                               .views = {.weak = 1, .strong = 1, .labeled_strong = 1},
                               .category = "the strong view",
                               .aligns = true})};

}  // namespace
}  // namespace leaf
