#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct PseudoLabelOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  double ramp = 0.4;
};

void describe(Options& options, PseudoLabelOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("ramp", own.ramp, "share of the run over which that weight grows from 0", 0, 1);
}

/// Pseudo-Label: the most probable class of a confident face is taken for its label.
///
///     L = L_x + λ·w(t)·mean 1[max p(α u) ≥ τ]·H(argmax p(α u), z(α u)),  w growing linearly
class PseudoLabel : public Algorithm {
 public:
  using OwnOptions = PseudoLabelOptions;

  PseudoLabel(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0]}, Statistics::kOfFirst);
    const auto &labeled = outputs[0], &weak = outputs[1];
    const auto believed = beliefs(step, weak.probabilities());
    const auto sure = accept_above(believed, options_.threshold);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(weak.logits, believed.argmax(1), believed), sure);
    const double growth = step.ramp(options_.ramp);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled * growth}}.watch("confident", sure);
  }

  const OwnOptions options_;
};

const Registration kPseudoLabel{algorithms(), "pseudo_label",
                                algorithm_entry<PseudoLabel>({.title = "Pseudo-Label: a confident face is its own label",
                                                              .citation = "Lee, ICML workshop 2013",
                                                              .views = {.weak = 1, .strong = 0},
                                                              .category = "the same weak view",
                                                              .presets = Description::separate_passes()})};

}  // namespace
}  // namespace leaf
