#include <cmath>

#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct UdaOptions {
  double threshold = 0.8;
  double temperature = 0.4;
  double unlabeled = 1;
  std::string annealing = "none";
};

void describe(Options& options, UdaOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("temperature", own.temperature, "sharpens the targets", 1e-3, 10);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("annealing", own.annealing, "how fast labeled faces that are learned already are let in",
              {"none", "linear", "exponential", "logarithmic"});
}

/// UDA: a strong view must agree with the sharpened prediction of the weak one.
///
///     L = mean 1[p_y(x) ≤ η_t]·H(y, z(x)) + λ·mean 1[max p(α u) ≥ τ]·H(softmax(z(α u)/T), z(A u))
///     η_t = h·(1 − 1/C) + 1/C
///     h from 0 to 1: t, e^{5(t−1)} or 1 − e^{−5t} of the run; without annealing every face counts
///
/// One public code base never applies T, and compares max p with η_t instead of p_y; this is the paper's form.
class Uda : public Algorithm {
 public:
  using OwnOptions = UdaOptions;

  Uda(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    const auto believed = beliefs(step, weak.probabilities());
    const auto sure = accept_above(believed, options_.threshold);
    const auto target = sharpen(believed, options_.temperature);

    const auto supervised = masked_mean(supervised_losses(labeled.unshifted, batch.targets), not_learned(step, labeled));
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, target, target), sure);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}}.watch("confident", sure);
  }

  /// [B] bool: whether the network gives a labeled face's class no more than the share that the annealing allows by now.
  torch::Tensor not_learned(const Step& step, const Output& labeled) const {
    const auto right = (labeled.unshifted.softmax(1).detach() * step.batch.targets).sum(1);
    if (options_.annealing == "none") return torch::ones_like(right, torch::kBool);
    const double t = step.progress();
    const double h = options_.annealing == "linear"        ? t
                     : options_.annealing == "exponential" ? std::exp(5 * (t - 1))
                                                           : 1 - std::exp(-5 * t);
    const double lowest = 1.0 / static_cast<double>(context_.classes);
    return right <= h * (1 - lowest) + lowest;
  }

  const OwnOptions options_;
};

const Registration kUda{algorithms(), "uda",
                        algorithm_entry<Uda>({.title = "UDA: the strong view must agree with the sharpened weak one",
                                              .citation = "Xie et al., NeurIPS 2020, arXiv 1904.12848",
                                              .views = {.weak = 1, .strong = 1},
                                              .category = "the strong view"})};

}  // namespace
}  // namespace leaf
