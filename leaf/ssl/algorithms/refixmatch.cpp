#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct ReFixMatchOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  double divergence = 1;
  double temperature = 0.5;
};

void describe(Options& options, ReFixMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("divergence", own.divergence, "weight of the agreement on faces that are not confident", 0, 100);
  options.add("temperature", own.temperature, "sharpens both sides of that agreement", 1e-3, 10);
}

/// ReFixMatch: FixMatch that also learns from the faces below the threshold, as distributions.
///
///     L = L_x + λ·mean m·H(argmax p(α u), z(A u)) + λ_d·mean (1 − m)·KL(softmax(z(α u)/T) ‖ softmax(z(A u)/T))
///     m = 1[max p(α u) ≥ τ]
class ReFixMatch : public Algorithm {
 public:
  using OwnOptions = ReFixMatchOptions;

  ReFixMatch(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    const auto believed = beliefs(step, weak.probabilities());
    const auto sure = accept_above(believed, options_.threshold);
    const auto target = sharpen(believed, options_.temperature);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed), sure);
    const auto unsure = masked_mean(divergence(strong.logits / options_.temperature, target), ~sure);
    return Objective{
        {"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}, {"divergence", unsure, options_.divergence}}
        .watch("confident", sure);
  }

  const OwnOptions options_;
};

const Registration kReFixMatch{
    algorithms(), "refixmatch",
    algorithm_entry<ReFixMatch>({.title = "ReFixMatch: FixMatch that keeps the faces below the threshold",
                                 .citation = "Nguyen, 2023, arXiv 2308.15037",
                                 .views = {.weak = 1, .strong = 1},
                                 .category = "the strong view"})};

}  // namespace
}  // namespace leaf
