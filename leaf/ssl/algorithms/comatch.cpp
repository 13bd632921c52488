#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/memory.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct CoMatchOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  double contrast = 1;
  double temperature = 0.2;
  double graph = 0.8;
  double smoothing = 0.9;
  int64_t dim = 64;
  int64_t batches = 5;
};

void describe(Options& options, CoMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("contrast", own.contrast, "weight of the contrastive loss on the graph of faces", 0, 100);
  options.add("temperature", own.temperature, "of similarities between embeddings", 1e-3, 10);
  options.add("graph", own.graph, "pseudo-labels less alike than this are not joined", 0, 1);
  options.add("smoothing", own.smoothing, "share of a face's own prediction in its pseudo-label; the rest comes from like faces",
              0, 1);
  options.add("dim", own.dim, "width of an embedding", 1, 4096);
  options.add("batches", own.batches, "batches that the memory of embeddings holds", 1, 100000);
}

/// CoMatch: pseudo-labels smoothed over faces with like embeddings, and embeddings made alike where pseudo-labels are.
///
///     p = a·DA(p(α u)) + (1 − a)·Σ_k softmax(f·f_k/T)·p_k over the memory
///     W = p·pᵀ, 1 on the diagonal, 0 below `graph`
///     L = L_x + λ·mean 1[max p ≥ τ]·H(p, z(A₀ u))
///         − λ_c·mean Σ_j Norm(W)_ij·log softmax_j(f(A₀ u_i)·f(A₁ u_j)/T)
///
/// DA pulls to even shares. Under a class shift it acts on unshifted beliefs, and so do memory and graph, which compare faces and
/// outlast a shift; only the pseudo-label, which meets shifted logits, is made one for the shares that the model expects.
class CoMatch : public Algorithm {
 public:
  using OwnOptions = CoMatchOptions;

  CoMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        projection_(register_module("projection", Projection(context.features, options.dim))),
        recent_(register_module("recent", RecentAlignment(context.classes))),
        embeddings_(register_module("embeddings", Ring(memory_size(), options.dim))),
        labels_(register_module("labels", Ring(memory_size(), context.classes))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0], batch.strong[1]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2], &other = outputs[3];
    const auto own = recent_(unshifted(step, beliefs(step, weak.probabilities())));
    const auto embedded = projection_(torch::cat({weak.features, labeled.features})).detach();
    const auto even = smoothed(own, embedded.slice(0, 0, own.size(0)));
    const auto believed = of_expected_shares(step, even);
    embeddings_->push(embedded);
    labels_->push(torch::cat({own, batch.targets}));
    const auto sure = accept_above(believed, options_.threshold);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed, believed), sure);
    const auto alike = graph_contrast(projection_(strong.features), projection_(other.features), even);
    return Objective{
        {"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}, {"contrast", alike, options_.contrast}}
        .watch("confident", sure);
  }

  int64_t memory_size() const { return options_.batches * (context_.labeled_batch + context_.unlabeled_batch); }

  /// Pseudo-labels [U, C] with a share of those of like faces in the memory, once that is full.
  torch::Tensor smoothed(const torch::Tensor& own, const torch::Tensor& embedded) const {
    if (!embeddings_->full()) return own;
    const auto like = (embedded.mm(embeddings_->rows().t()) / options_.temperature).softmax(1);
    return options_.smoothing * own + (1 - options_.smoothing) * like.mm(labels_->rows());
  }

  torch::Tensor graph_contrast(const torch::Tensor& first, const torch::Tensor& second, const torch::Tensor& believed) const {
    auto edges = believed.mm(believed.t()).fill_diagonal_(1);
    edges = normalized(edges.masked_fill(edges < options_.graph, 0));
    const auto similarity = (first.mm(second.t()) / options_.temperature).softmax(1);
    return -(edges * torch::log(similarity + 1e-7)).sum(1).mean();
  }

  const OwnOptions options_;
  Projection projection_;
  RecentAlignment recent_;
  Ring embeddings_, labels_;
};

const Registration kCoMatch{algorithms(), "comatch",
                            algorithm_entry<CoMatch>({.title = "CoMatch: pseudo-labels and embeddings that teach each other",
                                                      .citation = "Li et al., ICCV 2021, arXiv 2011.11183",
                                                      .views = {.weak = 1, .strong = 2},
                                                      .category = "the strong view",
                                                      .aligns = true})};

}  // namespace
}  // namespace leaf
