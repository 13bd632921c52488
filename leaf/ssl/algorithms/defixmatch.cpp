#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct DeFixMatchOptions {
  double threshold = 0.95;
  double unlabeled = 0.5;
};

void describe(Options& options, DeFixMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
}

/// DeFixMatch: FixMatch without its bias; what pseudo-labels do to labeled faces is taken off again.
///
///     L = ½·[mean H(y, z(α x)) + mean H(y, z(A x))] + λ·[F(u) − F(x)]
///     F(v) = mean 1[max p(α v) ≥ τ]·H(argmax p(α v), z(A v))
class DeFixMatch : public Algorithm {
 public:
  using OwnOptions = DeFixMatchOptions;

  DeFixMatch(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.labeled_strong[0], batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &labeled_strong = outputs[1], &weak = outputs[2], &strong = outputs[3];
    const auto believed = beliefs(step, weak.probabilities());

    const auto supervised =
        (supervised_loss(labeled.unshifted, batch.targets) + supervised_loss(labeled_strong.unshifted, batch.targets)) / 2;
    const auto unlabeled = fixmatch(strong, believed);
    const auto taken_off = fixmatch(labeled_strong, aligned(step, labeled.probabilities()));
    return Objective{
        {"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}, {"labeled", taken_off, -options_.unlabeled}}
        .watch("confident", accept_above(believed, options_.threshold));
  }

  /// F, a scalar.
  torch::Tensor fixmatch(const Output& strong, const torch::Tensor& believed) const {
    return masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed),
                       accept_above(believed, options_.threshold));
  }

  const OwnOptions options_;
};

const Registration kDeFixMatch{algorithms(), "defixmatch",
                               algorithm_entry<DeFixMatch>({.title = "DeFixMatch: FixMatch without its bias",
                                                            .citation = "Schmutz et al., ICLR 2023, arXiv 2203.07512",
                                                            .views = {.weak = 1, .strong = 1, .labeled_strong = 1},
                                                            .category = "the strong views, in both terms"})};

}  // namespace
}  // namespace leaf
