#include "leaf/ssl/algorithm.h"
#include "leaf/ssl/category.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct LeafOptions {
  double supervised = 0.5;
  double unlabeled = 1;
  double consistency = 0.1;
  double balance = 1;
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
  options.add("balance", own.balance, "weight of the experts' balance loss (1e-2 times squared variations)", 0, 100);
  options.add("temperature", own.temperature, "temperature of the contrastive loss", 1e-3, 10);
  options.add("mask", own.mask, "a face below its threshold is left out (face), or their share scales the mean loss (batch: authors' code)", {"face", "batch"});
  options.add("target", own.target, "how two weak views make one ambiguous target", {"mean_logits", "mean_probabilities"});
  options.add("thresholds", own.thresholds, "labeled faces that set the thresholds: as they are, or as the loader gives them (authors' code)", {"clean", "loader"});
  describe(options, own.threshold);
}

/// LEAF (arXiv 2404.15041), sections 3.2 to 3.4; spec, section 2.
///
///     L   = 0.5·L_x + L_u + 0.1·L_s (+ balance)
///     L_x = cross entropy on labeled faces
///     L_u = mean over faces with max q ≥ τ_ŷ of β·w·ℓ(strong, ambiguous target)             category level
///     L_s = contrast between the two weak views' features of the other faces
class Leaf : public Algorithm {
 public:
  using OwnOptions = LeafOptions;

  Leaf(const Setting& setting, OwnOptions options)
      : Algorithm(setting), options_(std::move(options)),
        threshold_(register_module("threshold", AdaptiveThreshold(setting.classes, options_.threshold))) {}

  ViewCount views() const override { return {.weak = 2, .strong = 1}; }

  Objective objective(Model& model, const Batch& batch) override {
    const auto outputs = forward(model, {batch.labeled, batch.weak[0], batch.weak[1], batch.strong[0]});
    const auto &labeled = outputs[0], &first = outputs[1], &second = outputs[2], &strong = outputs[3];

    const auto confidence = (first.probabilities() + second.probabilities()).detach() / 2;
    const auto sure = accept(confidence);

    const auto supervised = cross_entropy(labeled.logits, batch.targets).mean();
    const auto category = masked(category_loss(strong.logits, confidence, ambiguous_target(first, second)), sure);
    const auto consistency = contrast(first.features, second.features, ~sure, options_.temperature);
    const auto balance = mean_balance(outputs);

    Objective loss{{"supervised", supervised, options_.supervised},
                   {"category", category, options_.unlabeled},
                   {"consistency", consistency, options_.consistency},
                   {"balance", balance, options_.balance}};
    return loss.watch("confident", sure.to(torch::kFloat32).mean());
  }

  void adapt(const Predictions& labeled, int64_t epoch) override { threshold_->update(labeled.logits.softmax(1), labeled.labels, epoch); }

  torch::Tensor thresholds() const override {
    return options_.threshold.kind == "fixed" ? torch::full_like(threshold_->values(), options_.threshold.value) : threshold_->values();
  }

  bool adapts_on_views() const override { return options_.thresholds == "loader"; }

 private:
  /// [U] bool: whether each face reaches its class's learned threshold, or the fixed one.
  torch::Tensor accept(const torch::Tensor& confidence) const {
    return options_.threshold.kind == "fixed" ? accept_above(confidence, options_.threshold.value) : threshold_->accept(confidence);
  }

  /// r, [U, C]: what both weak views together say; no gradient.
  torch::Tensor ambiguous_target(const Output& first, const Output& second) const {
    if (options_.target == "mean_probabilities") return (first.probabilities() + second.probabilities()).detach() / 2;
    return ((first.logits + second.logits) / 2).softmax(1).detach();
  }

  /// [U]: the strong view against the pseudo-label, ambiguous at the category level, else the most confident class.
  torch::Tensor category_loss(const torch::Tensor& strong, const torch::Tensor& confidence, const torch::Tensor& target) const {
    const auto plain = cross_entropy(strong, confidence.argmax(1));
    if (!setting_.category.enabled) return plain;
    const auto ambiguous = ambiguous_labels(target, setting_.category);
    const auto loss = ambiguous_loss(strong, ambiguous) * ambiguous.weight;
    return loss * balance_factor(plain, loss);
  }

  torch::Tensor masked(const torch::Tensor& loss, const torch::Tensor& sure) const {
    return options_.mask == "batch" ? loss.mean() * sure.to(loss.dtype()).mean() : masked_mean(loss, sure);
  }

  const OwnOptions options_;
  AdaptiveThreshold threshold_;
};

const Registration kLeaf{algorithms(), "leaf",
                         algorithm_entry<Leaf>("LEAF: semantic, instance and category level, adaptive thresholds",
                                               "Zhang et al., LEAF: Unveiling Two Sides of the Same Coin in Semi-supervised Facial Expression "
                                               "Recognition, arXiv 2404.15041")};

}  // namespace
}  // namespace leaf
