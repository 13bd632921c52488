#include <torch/nn/modules/linear.h>

#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/mixing.h"
#include "leaf/ssl/threshold.h"

namespace leaf {
namespace {

struct CrMatchOptions {
  double threshold = 0.95;
  double unlabeled = 1;
  double distance = 1;
  double rotation = 1;
  int64_t dim = 128;
};

void describe(Options& options, CrMatchOptions& own) {
  options.add("threshold", own.threshold, "probability above which a face counts as confident", 0, 1);
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("distance", own.distance, "weight of keeping the maps of strong and weak views apart", 0, 100);
  options.add("rotation", own.rotation, "weight of telling how a view was turned", 0, 100);
  options.add("dim", own.dim, "width in which maps are compared", 1, 4096);
}

/// CRMatch: FixMatch that keeps what augmentation changes in the features, and tells how a view was turned.
///
///     L = L_x + λ·mean m·H(argmax p(α u), z(A u)) + λ_d·mean m·max(0, cos(g(A u), g(α u)))
///         + λ_r·mean H(k, rotation(α u turned k times))
///     m = 1[max p(α u) ≥ τ];  g: a linear layer on the encoder's flattened map; all four k for each face
class CrMatch : public Algorithm {
 public:
  using OwnOptions = CrMatchOptions;

  CrMatch(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        distance_(register_module("distance",
                                  torch::nn::Linear(context.map.at(0) * context.map.at(1) * context.map.at(2), options.dim))),
        rotation_(register_module("rotation", Perceptron(context.features, 4))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto all = batch.weak[0].repeat({4, 1, 1, 1});
    const auto quarters = torch::arange(4, batch.faces.options()).repeat_interleave(batch.weak[0].size(0));
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.strong[0], turned(all, quarters)});
    const auto &labeled = outputs[0], &weak = outputs[1], &strong = outputs[2], &rotated = outputs[3];
    const auto believed = beliefs(step, weak.probabilities());
    const auto sure = accept_above(believed, options_.threshold);

    const auto supervised = supervised_loss(labeled.unshifted, batch.targets);
    const auto unlabeled = masked_mean(pseudo_label_loss(strong.logits, believed.argmax(1), believed), sure);
    const auto near = torch::cosine_similarity(flat(strong), flat(weak).detach()).clamp_min(0);
    const auto turns = cross_entropy(rotation_(rotated.features), quarters).mean();
    return Objective{{"supervised", supervised},
                     {"unlabeled", unlabeled, options_.unlabeled},
                     {"distance", masked_mean(near, sure), options_.distance},
                     {"rotation", turns, options_.rotation}}
        .watch("confident", sure);
  }

  torch::Tensor flat(const Output& output) { return distance_(output.map.flatten(1).to(torch::kFloat32)); }

  const OwnOptions options_;
  torch::nn::Linear distance_;
  Perceptron rotation_;
};

const Registration kCrMatch{
    algorithms(), "crmatch",
    algorithm_entry<CrMatch>({.title = "CRMatch: FixMatch that keeps features of views apart and tells rotations",
                              .citation = "Fan et al., IJCV 2023, arXiv 2112.05825",
                              .views = {.weak = 1, .strong = 1},
                              .category = "the strong view"})};

}  // namespace
}  // namespace leaf
