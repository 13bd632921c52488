#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/category.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct LeafOptions {
  double supervised = 0.5;
  double unlabeled = 1;
  double contrastive = 0.1;  ///< "consistency" in files and on the command line
  double temperature = 0.07;
  std::string mask = "face";
  std::string target = "mean_logits";
  std::string thresholds = "clean";
  ThresholdOptions threshold;
};

void describe(Options& options, LeafOptions& own) {
  options.add("supervised", own.supervised, "weight of the cross entropy on labeled faces", 0, 100);
  options.add("unlabeled", own.unlabeled, "weight of the category-level loss on unlabeled faces", 0, 100);
  options.add("consistency", own.contrastive, "weight of the contrastive loss on faces that are not confident", 0, 100);
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

/// LEAF (arXiv 2404.15041, sections 3.2 to 3.4; docs/paper.md): Ada-CM with experts in the network (semantic and instance level)
/// and with pseudo-labels that may name several classes (category level).
///
///     L   = 0.5·L_x + L_u + 0.1·L_s (+ the experts' balance, as in every algorithm with experts)
///     L_x = mean H(y, z(α x))
///     L_u = mean 1[max q ≥ τ_ŷ]·β·w·ℓ(z(A u), P)                                          category level
///     L_s = contrast between f(α₁ u) and f(α₂ u) of the other faces
///
///     q = (p(α₁ u) + p(α₂ u))/2,  ŷ = argmax q: what is believed of a face, and τ_ŷ the threshold of that class
///     r = softmax((z(α₁ u) + z(α₂ u))/2)
///     P = the positive classes of r, w = how clearly they stand out                               (ambiguous_labels)
///     ℓ = how badly the strong view fits P, β = mean H(ŷ, z(A u)) / mean w·ℓ                       (category_loss)
///
/// x is a labeled face with the label y, u an unlabeled one; α a weak and A a strong view (docs/paper.md writes u, u′ and s
/// for the views α₁ u, α₂ u and A u); z logits, p probabilities, f features; H the cross entropy. In L_x the logits are
/// unshifted; q and r are aligned where imbalance.alignment says so.
///
/// Without the category level L_u is Ada-CM's: H(ŷ, z(A u)) in the place of β·w·ℓ. Plugged into Ada-CM, the level takes its
/// classes from q; here they come from r.
class Leaf : public Algorithm {
 public:
  using OwnOptions = LeafOptions;

  Leaf(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(std::move(options)),
        threshold_(register_module("threshold", AdaptiveThreshold(context.classes, options_.threshold))) {}

  Adaptation adaptation() const override { return options_.thresholds == "loader" ? Adaptation::kOnViews : Adaptation::kOnFaces; }

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
    const auto unlabeled = masked(unlabeled_loss(strong.logits, believed, ambiguous_target(step, first, second, believed)), sure);
    const auto contrastive = contrast(first.features, second.features, ~sure, options_.temperature);
    return Objective{{"supervised", supervised, options_.supervised},
                     {"category", unlabeled, options_.unlabeled},
                     {"consistency", contrastive, options_.contrastive}}
        .watch("confident", sure);
  }

  /// β·w·ℓ of each face, [U].
  torch::Tensor unlabeled_loss(const torch::Tensor& strong, const torch::Tensor& believed, const torch::Tensor& target) const {
    const auto single = cross_entropy(strong, believed.argmax(1));
    if (!context_.category.enabled) return single;
    return category_loss(strong, ambiguous_labels(target, context_.category), single);
  }

  /// r, [U, C]: what both weak views together say; no gradient.
  torch::Tensor ambiguous_target(const Step& step, const Output& first, const Output& second,
                                 const torch::Tensor& believed) const {
    if (options_.target == "mean_probabilities") return believed;
    return with_teacher(step, aligned(step, ((first.logits + second.logits) / 2).softmax(1)));
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
                           .views = {.weak = 2, .strong = 1},
                           .category = "the strong view, against both weak ones",
                           .presets = Json::object()})};

}  // namespace
}  // namespace leaf
