#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct FixMatchOptions {
  double threshold = 0.95;
  double unlabeled = 1;
};

void describe(Options& options, FixMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
}

/// FixMatch: where the weak view is confident, its class is the strong view's label.
///
///     L = L_x + λ·mean 1[max p(α u) ≥ τ]·H(argmax p(α u), z(A u))
class FixMatch : public Algorithm {
 public:
  using OwnOptions = FixMatchOptions;

  FixMatch(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    const auto believed = beliefs(step, weak.probabilities());
    const auto sure = accept_above(believed, options_.threshold);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed), sure);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}}.watch("confident", sure);
  }

  const OwnOptions options_;
};

const Registration kFixMatch{algorithms(), "fixmatch",
                             algorithm_entry<FixMatch>({.title = "FixMatch: a confident weak view labels the strong one",
                                                        .citation = "Sohn et al., NeurIPS 2020, arXiv 2001.07685",
                                                        .views = {.weak = 1, .strong = 1},
                                                        .category = "the strong view"})};

}  // namespace
}  // namespace leaf
