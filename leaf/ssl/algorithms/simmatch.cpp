#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/memory.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct SimMatchOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  double instance = 1;
  double temperature = 0.1;
  double smoothing = 0.9;
  int64_t dim = 128;
  double momentum = 0.7;
};

void describe(Options& options, SimMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("instance", own.instance, "weight of the agreement about labeled faces that are alike", 0, 100);
  options.add("temperature", own.temperature, "of similarities between embeddings", 1e-3, 10);
  options.add("smoothing", own.smoothing,
              "share of a face's own prediction in its pseudo-label; the rest comes from labeled faces", 0, 1);
  options.add("dim", own.dim, "width of an embedding", 1, 4096);
  options.add("momentum", own.momentum, "share of a labeled face's old embedding that stays in the bank", 0, 1);
}

/// SimMatch: two views must agree about their class and about which labeled faces they are like.
///
///     q = softmax over labeled faces j of f(α u)·f_j/T;  p = s·DA(p(α u)) + (1 − s)·Σ_{j of class c} q_j
///     q′ = Norm(q_j·DA(p)_{y_j})
///     L = L_x + λ·mean 1[max p ≥ τ]·H(p, z(A u)) + λ_i·mean H(q′, softmax f(A u)·f_j/T)
///
/// The bank of embeddings f_j is the paper's for small labeled sets: the model's own, averaged over time.
///
/// DA pulls to even shares. Under a class shift it acts on unshifted beliefs, and they meet the bank of labeled faces, in which
/// nothing is shifted; only the pseudo-label p, which meets shifted logits, is made one for the shares that the model expects.
class SimMatch : public Algorithm {
 public:
  using OwnOptions = SimMatchOptions;

  SimMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        projection_(register_module("projection", Projection(context.features, options.dim))),
        recent_(register_module("recent", RecentAlignment(context.classes))),
        bank_(register_buffer("bank", torch::zeros({context.labeled_faces, options.dim}))),
        seen_(register_buffer("seen", torch::zeros({context.labeled_faces}, torch::kBool))),
        labels_(register_buffer("labels", torch::tensor(context.labels, torch::kInt64))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0]});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2];
    auto even = recent_(unshifted(step, beliefs(step, weak.probabilities())));
    const auto seen = seen_.nonzero().squeeze(1);
    auto instance = 0 * strong.features.sum();
    if (seen.size(0) > 0) {
      const auto labels = labels_.index_select(0, seen);
      const auto like = similarity(weak.features, seen).softmax(1).detach();
      const auto calibrated = normalized(like * even.index_select(1, labels));
      instance = cross_entropy(similarity(strong.features, seen), calibrated).mean();
      even = options_.smoothing * even + (1 - options_.smoothing) * torch::zeros_like(even).index_add(1, labels, like);
    }
    const auto believed = of_expected_shares(step, even);
    remember(batch.labeled_faces, projection_(labeled.features).detach());
    const auto sure = accept_above(believed, options_.threshold);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed, believed), sure);
    return Objective{
        {"supervised", supervised}, {"unlabeled", unlabeled, options_.unlabeled}, {"instance", instance, options_.instance}}
        .watch("confident", sure);
  }

  /// [n, faces]: dot products of features with the bank's entries for those labeled faces, over the temperature.
  torch::Tensor similarity(const torch::Tensor& features, const torch::Tensor& faces) {
    return projection_(features).mm(bank_.index_select(0, faces).t()) / options_.temperature;
  }

  void remember(const torch::Tensor& faces, const torch::Tensor& embedded) {
    const auto old = bank_.index_select(0, faces);
    const auto mixed = unit_length(options_.momentum * old + (1 - options_.momentum) * embedded);
    bank_.index_copy_(0, faces, torch::where(seen_.index_select(0, faces).unsqueeze(1), mixed, embedded));
    seen_.index_fill_(0, faces, true);
  }

  const OwnOptions options_;
  Projection projection_;
  RecentAlignment recent_;
  torch::Tensor bank_, seen_, labels_;  ///< [faces, dim], [faces] bool and int64, of the labeled faces
};

const Registration kSimMatch{algorithms(), "simmatch",
                             algorithm_entry<SimMatch>({.title = "SimMatch: agreement about classes and about like faces",
                                                        .citation = "Zheng et al., CVPR 2022, arXiv 2203.06915",
                                                        .views = {.weak = 1, .strong = 1},
                                                        .category = "the strong view",
                                                        .aligns = true})};

}  // namespace
}  // namespace leaf
