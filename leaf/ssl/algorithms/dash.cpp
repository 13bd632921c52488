#include <algorithm>
#include <cmath>

#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct DashOptions {
  double unlabeled = 1;
  double gamma = 1.27;
  double factor = 1.0001;
  double floor = 0.05;
  double temperature = 0.5;
  double warm_up = 0.05;
  double interval = 0.01;
};

void describe(Options& options, DashOptions& own) {
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("gamma", own.gamma, "the threshold on the loss is divided by this at each interval", 1, 100);
  options.add("factor", own.factor, "the threshold starts at this times the loss of labeled faces", 0, 100);
  options.add("floor", own.floor, "smallest threshold on the loss; from there on labels are hard", 0, 100);
  options.add("temperature", own.temperature, "sharpens the targets before that", 1e-3, 10);
  options.add("warm_up", own.warm_up, "share of the run that is supervised only", 0, 1);
  options.add("interval", own.interval, "share of the run after which the threshold falls", 1e-6, 1);
}

/// Dash: a face counts when the loss against its own pseudo-label lies below a threshold that falls.
///
///     ρ = max(C·γ^(−k)·ρ₀, ρ_min),  ρ₀ = mean H(y, z(α x)) at the start, k = intervals since the warm-up
///     L = L_x + λ·mean 1[H(q, z(α u)) ≤ ρ]·H(q, z(A u)),  q = softmax(z(α u)/T) while ρ > ρ_min, then argmax
///
/// ρ₀ is the mean over as many labeled batches as the warm-up has steps (paper); one public code base takes the loss on its
/// test faces. They are the first ones of the run: after a first phase of labels alone the network knows its labeled faces by
/// heart, and no other face would ever fit as well. What is measured is the plain cross entropy, as it is of unlabeled faces:
/// without the smoothing and the adjustment that labels are learned with.
class Dash : public Algorithm {
 public:
  using OwnOptions = DashOptions;

  Dash(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context), options_(options), loss_(register_buffer("loss", torch::zeros({}))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    measure(step, labeled);
    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto believed = beliefs(step, weak.probabilities());
    const int64_t warm_up = in_steps(step, options_.warm_up);
    if (step.number < warm_up) {
      return Objective{{"supervised", supervised}, {"unlabeled", 0 * strong.logits.sum(), options_.unlabeled}}.watch(
          "confident", torch::zeros({}));
    }
    const double threshold = loss_threshold((step.number - warm_up) / in_steps(step, options_.interval));
    const bool soft = threshold > options_.floor;
    const auto target = soft ? sharpen(believed, options_.temperature) : believed.argmax(1);
    const auto sure = cross_entropy(weak.logits, target).detach() <= threshold;

    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, target, believed), sure);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}}.watch("confident", sure);
  }

  /// The mean of ρ₀ over the first batches of the run, one more.
  void measure(const Step& step, const Output& labeled) override {
    const int64_t before = step.batch.step;
    if (before >= in_steps(step, options_.warm_up)) return;
    const auto loss = cross_entropy(labeled.unshifted, step.batch.targets).mean().detach();
    loss_.add_((loss - loss_) / static_cast<double>(before + 1));
  }

  static int64_t in_steps(const Step& step, double share) {
    return std::max<int64_t>(1, std::llround(share * static_cast<double>(step.count)));
  }

  /// ρ after k intervals.
  double loss_threshold(int64_t k) const {
    return std::max(options_.factor * std::pow(options_.gamma, -static_cast<double>(k)) * loss_.item<double>(), options_.floor);
  }

  const OwnOptions options_;
  torch::Tensor loss_;  ///< ρ₀, scalar
};

const Registration kDash{algorithms(), "dash",
                         algorithm_entry<Dash>({.title = "Dash: faces whose loss lies below a falling threshold",
                                                .citation = "Xu et al., ICML 2021, arXiv 2109.00650",
                                                .views = {.weak = 1, .strong = 1},
                                                .category = "the strong view"})};

}  // namespace
}  // namespace leaf
