#include <limits>

#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct CcSslOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  double contrast = 1;
  double temperature = 0.07;
  int64_t dim = 64;
};

void describe(Options& options, CcSslOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("contrast", own.contrast, "weight of the class-aware contrastive loss", 0, 100);
  options.add("temperature", own.temperature, "of similarities between embeddings", 1e-3, 10);
  options.add("dim", own.dim, "width of an embedding", 1, 4096);
}

/// CCSSL: FixMatch, and embeddings of two strong views that come together by pseudo-label, weighted by confidence.
///
///     W_ij = 1 for two views of one face, else 1[ŷ_i = ŷ_j]·max p_i·max p_j
///     L = L_x + λ·mean 1[max p(α u) ≥ τ]·H(ŷ, z(A₀ u))
///         − λ_c·mean_i Σ_j W_ij·log softmax_{j≠i}(f_i·f_j/T) / Σ_j W_ij
class CcSsl : public Algorithm {
 public:
  using OwnOptions = CcSslOptions;

  CcSsl(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        projection_(register_module("projection", Projection(context.features, options.dim))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0], batch.strong[1]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2], &other = outputs[3];
    const auto believed = beliefs(step, weak.probabilities());
    const auto sure = accept_above(believed, options_.threshold);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed), sure);
    const auto alike = class_contrast(projection_(torch::cat({strong.features, other.features})), believed);
    return Objective{
        {"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}, {"contrast", alike, options_.contrast}}
        .watch("confident", sure);
  }

  /// Of the embeddings [2U, dim] of two views of each face, first all first ones.
  torch::Tensor class_contrast(const torch::Tensor& embedded, const torch::Tensor& believed) const {
    const auto [confidence, guess] = believed.max(1);
    const auto both = [](const torch::Tensor& x) { return x.repeat({2, 2}); };
    const auto same_face = torch::eye(believed.size(0), believed.options());
    const auto same_class =
        (guess.unsqueeze(0) == guess.unsqueeze(1)).to(believed.dtype()) * confidence.unsqueeze(0) * confidence.unsqueeze(1);
    const auto itself = torch::eye(embedded.size(0), embedded.options().dtype(torch::kBool));
    const auto weight = both(torch::where(same_face > 0, same_face, same_class)).masked_fill(itself, 0);
    const auto similarity =
        (embedded.mm(embedded.t()) / options_.temperature).masked_fill(itself, -std::numeric_limits<double>::infinity());
    return (cross_entropy(similarity, weight) / weight.sum(1)).mean();
  }

  const OwnOptions options_;
  Projection projection_;
};

const Registration kCcSsl{algorithms(), "ccssl",
                          algorithm_entry<CcSsl>({.title = "CCSSL: FixMatch with class-aware contrast",
                                                  .citation = "Yang et al., CVPR 2022, arXiv 2203.02261",
                                                  .views = {.weak = 1, .strong = 2},
                                                  .category = "the strong view"})};

}  // namespace
}  // namespace leaf
