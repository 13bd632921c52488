#include <torch/autograd.h>

#include "leaf/model/modes.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct VatOptions {
  double xi = 1;
  double epsilon = 6;
  int64_t iterations = 1;
  double unlabeled = 1;
  double entropy = 0.06;
  double ramp = 0.4;
};

void describe(Options& options, VatOptions& own) {
  options.add("xi", own.xi, "length of the probe that finds the direction, in normalized pixel values", 1e-6, 100);
  options.add("epsilon", own.epsilon, "length of the adversarial change, in normalized pixel values", 0, 1000);
  options.add("iterations", own.iterations, "power iterations", 1, 100);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("entropy", own.entropy, "weight of the entropy of unlabeled faces", 0, 100);
  options.add("ramp", own.ramp, "share of the run over which that weight grows from 0", 0, 1);
}

/// Virtual adversarial training: the prediction must not change in the direction in which it changes most.
///
///     d = ξ·d/‖d‖, then g = ∇_d KL(p(u) ‖ p(u + d)), from a random d;  r = ε·g/‖g‖
///     L = L_x + λ·w(t)·KL(p(u) ‖ p(u + r)) + λ_e·H(p(u)),  without gradient through the first p(u)
///
/// The passes are made without dropout and gate noise, which would drown the probe. For the same reason all those of u have the
/// batch statistics of u alone, even where passes are joint: p(u) of a pass with the labeled faces differs from p(u + 0) by far
/// more than a probe does. The running statistics follow the labeled faces. The published ξ of 10⁻⁶ is shorter than
/// float32 can add to a pixel: spread over 12,288 of them it vanishes. ξ = 1 is still short beside ε.
class Vat : public Algorithm {
 public:
  using OwnOptions = VatOptions;

  Vat(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const Noiseless quiet(*step.model);
    const auto labeled = forward(step, {batch.labeled}).front();
    const FrozenStatistics frozen(*step.model);
    const auto weak = forward(step, {batch.weak[0]}).front();
    const auto target = beliefs(step, weak.probabilities());
    const auto changed = batch.weak[0] + adversarial(step.model, batch.weak[0], target);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto divergent = divergence(step.model->forward(changed).logits, target).mean();
    const double growth = step.ramp(options_.ramp);
    return {{"supervised", supervised},
            {"adversarial", divergent, options_.unlabeled * growth},
            {"entropy", entropy(weak.logits).mean(), options_.entropy}};
  }

  /// r, of the shape of `views`: the change of length ε that changes each prediction most.
  torch::Tensor adversarial(Model& model, const torch::Tensor& views, const torch::Tensor& target) const {
    auto direction = torch::randn_like(views);
    for (int64_t i = 0; i < options_.iterations; ++i) {
      const auto probe = (options_.xi * unit_length(direction.flatten(1)).view_as(views)).requires_grad_();
      const auto change = divergence(model->forward(views + probe).logits, target).mean();
      direction = torch::autograd::grad({change}, {probe})[0];
    }
    return options_.epsilon * unit_length(direction.flatten(1)).view_as(views).detach();
  }

  const OwnOptions options_;
};

const Registration kVat{algorithms(), "vat",
                        algorithm_entry<Vat>({.title = "VAT: virtual adversarial training",
                                              .citation = "Miyato et al., TPAMI 2018, arXiv 1704.03976",
                                              .views = {.weak = 1, .strong = 0},
                                              .no_category = "it gives no pseudo-labels, its target is a whole distribution",
                                              .presets = Description::separate_passes()})};

}  // namespace
}  // namespace leaf
