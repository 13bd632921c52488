#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct LeafOptions {
  double supervised = 0.5;
  double unlabeled = 1;
  double consistency = 0.1;
  double temperature = 0.07;
  std::string mask = "face";
  std::string target = "mean_logits";
  std::string thresholds = "clean";
  ThresholdOptions threshold;
};

void describe(Options& options, LeafOptions& own) {
  options.add("supervised", own.supervised, "weight of the cross entropy on labeled faces", 0, 100);
  options.add("unlabeled", own.unlabeled, "weight of the category-level loss on unlabeled faces", 0, 100);
  options.add("consistency", own.consistency, "weight of the contrastive loss on faces that are not confident", 0, 100);
  options.add("temperature", own.temperature, "temperature of the contrastive loss", 1e-3, 10);
  options.add("mask", own.mask,
              "a face below its threshold is left out (face), or their share scales the mean loss (batch: authors' code)",
              {"face", "batch"});
  options.add("target", own.target, "how two weak views make one ambiguous target", {"mean_logits", "mean_probabilities"});
  options.add("thresholds", own.thresholds,
              "labeled faces that set the thresholds: as they are, or as the loader gives them (authors' code)",
              {"clean", "loader"});
  describe(options, own.threshold);
}

/// LEAF (arXiv 2404.15041), sections 3.2 to 3.4; spec, section 2.
///
///     L   = 0.5·L_x + L_u + 0.1·L_s (+ the experts' balance, as in every algorithm with experts)
///     L_x = cross entropy on labeled faces
///     L_u = mean over faces with max q ≥ τ_ŷ of β·w·ℓ(strong, ambiguous target)             category level
///     L_s = contrast between the two weak views' features of the other faces
class Leaf : public Algorithm {
 public:
  using OwnOptions = LeafOptions;

  Leaf(const Setting& setting, OwnOptions options)
      : Algorithm(setting),
        options_(std::move(options)),
        threshold_(register_module("threshold", AdaptiveThreshold(setting.classes, options_.threshold))) {}

  ViewCount views() const override { return {.weak = 2, .strong = 1}; }

  Adaptation adaptation() const override { return options_.thresholds == "loader" ? Adaptation::kOnViews : Adaptation::kOnFaces; }

  void adapt(const Predictions& labeled, int64_t epoch) override {
    threshold_->update(labeled.logits.softmax(1), labeled.labels, epoch);
  }

  torch::Tensor thresholds() const override { return threshold_->values(); }

 private:
  Objective loss(Model& model, const Batch& batch) override {
    const auto outputs = forward(model, {batch.labeled, batch.weak[0], batch.weak[1], batch.strong[0]});
    const auto &labeled = outputs[0], &first = outputs[1], &second = outputs[2], &strong = outputs[3];

    const auto confidence = beliefs((first.probabilities() + second.probabilities()) / 2);
    const auto sure = threshold_->accept(confidence);

    const auto supervised = supervised_loss(labeled.logits, batch.targets);
    const auto category =
        masked(pseudo_label_loss(strong.logits, confidence.argmax(1), ambiguous_target(first, second, confidence)), sure);
    const auto consistency = contrast(first.features, second.features, ~sure, options_.temperature);

    Objective result{{"supervised", supervised, options_.supervised},
                     {"category", category, options_.unlabeled},
                     {"consistency", consistency, options_.consistency}};
    return result.watch("confident", sure);
  }

  /// r, [U, C]: what both weak views together say; no gradient.
  torch::Tensor ambiguous_target(const Output& first, const Output& second, const torch::Tensor& confidence) const {
    if (options_.target == "mean_probabilities") return confidence;
    return aligned(((first.logits + second.logits) / 2).softmax(1));
  }

  torch::Tensor masked(const torch::Tensor& values, const torch::Tensor& sure) const {
    return options_.mask == "batch" ? values.mean() * sure.to(values.dtype()).mean() : masked_mean(values, sure);
  }

  const OwnOptions options_;
  AdaptiveThreshold threshold_;
};

const Registration kLeaf{
    algorithms(), "leaf",
    algorithm_entry<Leaf>({.title = "LEAF: semantic, instance and category level, adaptive thresholds",
                           .citation = "Zhang et al., LEAF: Unveiling Two Sides of the Same Coin in Semi-supervised Facial "
                                       "Expression Recognition, arXiv 2404.15041",
                           .category = "the strong view, against both weak ones",
                           .presets = Json::object()})};

}  // namespace
}  // namespace leaf
