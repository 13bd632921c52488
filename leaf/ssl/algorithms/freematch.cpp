#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct FreeMatchOptions {
  double unlabeled = 1;
  double fairness = 0.01;
  double momentum = 0.999;
};

void describe(Options& options, FreeMatchOptions& own) {
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("fairness", own.fairness, "weight of the term that spreads predictions over classes", 0, 100);
  options.add("momentum", own.momentum, "of what is remembered", 0, 1);
}

/// FreeMatch: thresholds that follow the network's own confidence, and predictions spread over the classes.
///
///     τ, p̃, h̃ = moving averages of mean max p, of mean p and of the histogram of argmax p
///     L = L_x + λ·mean 1[max p ≥ τ·p̃_c / max p̃]·H(argmax p, z(A u)) + λ_f·Σ_c Norm(p̃/h̃)_c·log Norm(p̄/h̄)_c
///
/// p̄ and h̄ are the same two of this step's confident strong views. The last term is at most 0 by design. It pulls to no
/// shares of its own but to what the network says of weak views, shifted like the strong ones: a class shift needs nothing here.
class FreeMatch : public Algorithm {
 public:
  using OwnOptions = FreeMatchOptions;

  FreeMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        threshold_(register_buffer("threshold", torch::full({}, 1.0 / static_cast<double>(context.classes)))),
        probability_(register_buffer("probability", torch::full({context.classes}, 1.0 / static_cast<double>(context.classes)))),
        histogram_(register_buffer("histogram", torch::full({context.classes}, 1.0 / static_cast<double>(context.classes)))) {}

  torch::Tensor thresholds() const override { return threshold_ * probability_ / probability_.amax(); }

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    const auto believed = beliefs(step, weak.probabilities());
    const auto [confidence, guess] = believed.max(1);
    update_mean(threshold_, confidence.mean(), options_.momentum);
    update_mean(probability_, believed.mean(0), options_.momentum);
    update_mean(histogram_, histogram(guess), options_.momentum);
    const auto sure = confidence >= thresholds().index_select(0, guess);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, guess, believed), sure);
    const auto fair = fairness(strong.logits.index_select(0, sure.nonzero().squeeze(1)));
    return Objective{
        {"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}, {"fairness", fair, options_.fairness}}
        .watch("confident", sure);
  }

  /// The share of each class among n guesses, [C].
  torch::Tensor histogram(const torch::Tensor& guess) const {
    return torch::bincount(guess, {}, context_.classes).to(torch::kFloat32) / static_cast<double>(guess.size(0));
  }

  /// Of the confident faces' strong logits [n, C]; 0 for n = 0.
  torch::Tensor fairness(const torch::Tensor& strong) const {
    if (strong.size(0) == 0) return strong.sum();
    const auto over = [](const torch::Tensor& mean, const torch::Tensor& counts) {  // 1/0 counts as 0
      return normalized(mean * torch::where(counts > 0, counts.reciprocal(), torch::zeros_like(counts)));
    };
    const auto wanted = over(probability_, histogram_), found = over(strong.softmax(1).mean(0), histogram(strong.argmax(1)));
    return (wanted * torch::log(found + 1e-12)).sum();
  }

  const OwnOptions options_;
  torch::Tensor threshold_, probability_, histogram_;  ///< τ, scalar; p̃ and h̃, [C]
};

const Registration kFreeMatch{
    algorithms(), "freematch",
    algorithm_entry<FreeMatch>({.title = "FreeMatch: thresholds that follow the confidence, and fairness over classes",
                                .citation = "Wang et al., ICLR 2023, arXiv 2205.07246",
                                .views = {.weak = 1, .strong = 1},
                                .category = "the strong view"})};

}  // namespace
}  // namespace leaf
