#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct FlexMatchOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  bool warm_up = true;
};

void describe(Options& options, FlexMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("warm_up", own.warm_up, "count the faces that were never confident when the classes are compared");
}

/// FlexMatch: FixMatch with a threshold for each class, lower while the class is learned less well than the best.
///
///     σ_c = faces whose latest confident class is c;  β_c = σ_c / max(max σ, faces never confident)
///     1[max p ≥ τ·β_c/(2 − β_c)] with c = argmax p, then as FixMatch
class FlexMatch : public Algorithm {
 public:
  using OwnOptions = FlexMatchOptions;

  FlexMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        memory_(register_buffer("memory", torch::full({context.unlabeled_faces}, kNever, torch::kInt64))) {}

  torch::Tensor thresholds() const override {
    const auto count =
        torch::bincount(memory_ - kNever, {}, context_.classes + 1).to(torch::kFloat32);  // never, then the classes
    const auto learned = count.slice(0, 1);
    const auto most = options_.warm_up ? count.amax() : learned.amax();
    const auto share = learned / most.clamp_min(1);
    return options_.threshold * share / (2 - share);
  }

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    const auto believed = beliefs(step, weak.probabilities());
    const auto [confidence, guess] = believed.max(1);
    const auto sure = confidence >= thresholds().index_select(0, guess);
    remember(batch.faces, guess, confidence);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, guess, believed), sure);
    return Objective{{"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}}.watch("confident", sure);
  }

  void remember(const torch::Tensor& faces, const torch::Tensor& guess, const torch::Tensor& confidence) {
    const auto sure = (confidence >= options_.threshold).nonzero().squeeze(1);
    memory_.index_copy_(0, faces.index_select(0, sure), guess.index_select(0, sure));
  }

  static constexpr int64_t kNever = -1;

  const OwnOptions options_;
  torch::Tensor memory_;  ///< [faces] int64, the latest confident class of each
};

const Registration kFlexMatch{algorithms(), "flexmatch",
                              algorithm_entry<FlexMatch>({.title = "FlexMatch: FixMatch with a threshold for each class",
                                                          .citation = "Zhang et al., NeurIPS 2021, arXiv 2110.08263",
                                                          .views = {.weak = 1, .strong = 1},
                                                          .category = "the strong view"})};

}  // namespace
}  // namespace leaf
