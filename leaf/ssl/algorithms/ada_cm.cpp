#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct AdaCmOptions {
  double supervised = 0.5;
  double unlabeled = 1;
  double contrastive = 0.1;  ///< "consistency" in files and on the command line
  double temperature = 0.07;
  ThresholdOptions threshold;
};

void describe(Options& options, AdaCmOptions& own) {
  options.add("supervised", own.supervised, "weight of the cross entropy on labeled faces", 0, 100);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("consistency", own.contrastive, "weight of the contrastive loss on faces that are not confident", 0, 100);
  options.add("temperature", own.temperature, "of that loss", 1e-3, 10);
  describe(options, own.threshold);
}

/// Ada-CM: a confidence margin for each class, learned from labeled faces; faces below it learn by contrast.
///
///     L   = 0.5·L_x + L_u + 0.1·L_s
///     L_x = mean H(y, z(α x))
///     L_u = mean 1[max q ≥ τ_ŷ]·H(ŷ, z(A u))
///     L_s = contrast between f(α₁ u) and f(α₂ u) of the other faces
///
///     q = (p(α₁ u) + p(α₂ u))/2,  ŷ = argmax q: what is believed of a face, and τ_ŷ the threshold of that class
///
/// Symbols as in leaf.cpp, which adds to it.
class AdaCm : public Algorithm {
 public:
  using OwnOptions = AdaCmOptions;

  AdaCm(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(std::move(options)),
        threshold_(register_module("threshold", AdaptiveThreshold(context.classes, options_.threshold))) {}

  Adaptation adaptation() const override { return Adaptation::kOnFaces; }

  void adapt(const Predictions& labeled, int64_t epoch) override {
    threshold_->update(labeled.logits.softmax(1), labeled.labels, epoch);
  }

  torch::Tensor thresholds() const override { return threshold_->values(); }

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.weak[1], batch.strong[0]});
    const auto &labeled = outputs[0], &first = outputs[1], &second = outputs[2], &strong = outputs[3];
    const auto believed = beliefs(step, (first.probabilities() + second.probabilities()) / 2);  // q
    const auto sure = threshold_->accept(believed);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed), sure);
    const auto contrastive = contrast(first.features, second.features, ~sure, options_.temperature);
    return Objective{{"supervised", supervised, options_.supervised},
                     {"unlabeled", unlabeled, options_.unlabeled},
                     {"consistency", contrastive, options_.contrastive}}
        .watch("confident", sure);
  }

  const OwnOptions options_;
  AdaptiveThreshold threshold_;
};

const Registration kAdaCm{algorithms(), "ada_cm",
                          algorithm_entry<AdaCm>({.title = "Ada-CM: adaptive confidence margins",
                                                  .citation = "Li et al., CVPR 2022, arXiv 2203.12341",
                                                  .views = {.weak = 2, .strong = 1},
                                                  .category = "the strong view",
                                                  .presets = Description::without_levels()})};

}  // namespace
}  // namespace leaf
