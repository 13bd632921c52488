#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct SoftMatchOptions {
  double unlabeled = 1;
  double deviations = 2;
  double momentum = 0.999;
  std::string statistics = "before";
};

void describe(Options& options, SoftMatchOptions& own) {
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("deviations", own.deviations, "n: how narrow the weight is, in standard deviations of the confidence", 1e-3, 100);
  options.add("momentum", own.momentum, "of what is remembered", 0, 1);
  options.add("statistics", own.statistics, "confidence is measured before alignment (paper) or after it", {"before", "after"});
}

/// SoftMatch: every face counts, the less the further its confidence lies below the mean.
///
///     p_a = Norm(p·(1/C)/p̃);  μ, σ² = moving averages of mean and variance of max p
///     L = L_x + λ·mean exp(−n²·min(max p_a − μ, 0)²/(2σ²))·H(argmax p, z(A u))
///
/// The paper measures μ and σ² before alignment, one public code base after it: `statistics`.
///
/// Alignment makes the weights of classes comparable and teaches no shares, so uniform it stays under a class shift. It would
/// take the shift out of p again: both p and p̃ are unshifted, in all weights. The label is the shifted argmax.
class SoftMatch : public Algorithm {
 public:
  using OwnOptions = SoftMatchOptions;

  SoftMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(std::move(options)),
        probability_(register_buffer("probability", torch::full({context.classes}, 1.0 / static_cast<double>(context.classes)))),
        mean_(register_buffer("mean", torch::full({}, 1.0 / static_cast<double>(context.classes)))),
        variance_(register_buffer("variance", torch::ones({}))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    const auto believed = beliefs(step, weak.probabilities());
    const auto raw = unshifted(step, believed);
    update_mean(probability_, raw.mean(0), options_.momentum);
    const auto uniform = align(raw, torch::full_like(probability_, 1.0 / static_cast<double>(context_.classes)), probability_);
    const auto weight = weights((options_.statistics == "before" ? raw : uniform).amax(1), uniform.amax(1));

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed), weight);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}}.watch("weight", weight);
  }

  /// [U] in (0, 1], from the confidence that is measured and the one that is judged by it, [U] both.
  torch::Tensor weights(const torch::Tensor& measured, const torch::Tensor& judged) {
    update_mean(mean_, measured.mean(), options_.momentum);
    if (measured.size(0) > 1) update_mean(variance_, measured.var(/*unbiased=*/true), options_.momentum);
    const auto below = (judged - mean_).clamp_max(0) * options_.deviations;
    return torch::exp(-below.square() / (2 * variance_).clamp_min(1e-12));
  }

  const OwnOptions options_;
  torch::Tensor probability_, mean_, variance_;  ///< p̃, [C]; μ and σ², scalars
};

const Registration kSoftMatch{algorithms(), "softmatch",
                              algorithm_entry<SoftMatch>({.title = "SoftMatch: every face counts by its confidence",
                                                          .citation = "Chen et al., ICLR 2023, arXiv 2301.10921",
                                                          .views = {.weak = 1, .strong = 1},
                                                          .category = "the strong view",
                                                          .aligns = true})};

}  // namespace
}  // namespace leaf
