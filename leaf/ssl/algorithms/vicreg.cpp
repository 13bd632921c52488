#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct VicRegOptions {
  double invariance = 25;
  double variance = 25;
  double covariance = 1;
  int64_t dim = 1024;
};

void describe(Options& options, VicRegOptions& own) {
  options.add("invariance", own.invariance, "weight of the difference between two views (lambda)", 0, 1000);
  options.add("variance", own.variance, "weight of the deviations that are too small (mu); 0 lets the features collapse", 0,
              1000);
  options.add("covariance", own.covariance, "weight of what the numbers of an embedding have in common (nu)", 0, 1000);
  options.add("dim", own.dim, "width of an embedding; the paper's, for ImageNet, is 8192", 1, 16384);
}

/// VICReg: two views of a face must be alike, while each number of an embedding varies over the faces and no two say the same.
///
///     L = λ·mean (z − z′)² + μ·[v(z) + v(z′)] + ν·[c(z) + c(z′)]    z = expander(A u), z′ = expander(A′ u)
///     v(z) = mean_j max(0, 1 − √(Var z_j + ε))    c(z) = Σ_{i≠j} Cov(z_i, z_j)² / width
///
/// as in the paper's Algorithm 1.
class VicReg : public Algorithm {
 public:
  using OwnOptions = VicRegOptions;

  VicReg(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context), options_(options), expander_(register_module("expander", Expander(context.features, options.dim))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.strong[0], batch.strong[1]});
    const auto first = expander_(outputs[0].features), second = expander_(outputs[1].features);
    return {{"invariance", (first - second).square().mean(), options_.invariance},
            {"variance", deviation_shortfall(first) + deviation_shortfall(second), options_.variance},
            {"covariance", redundancy(first) + redundancy(second), options_.covariance}};
  }

  const OwnOptions options_;
  Expander expander_;
};

const Registration kVicReg{algorithms(), "vicreg",
                           algorithm_entry<VicReg>({.title = "VICReg: alike, varied and not redundant (non-contrastive)",
                                                    .citation = "Bardes et al., ICLR 2022, arXiv 2105.04906",
                                                    .views = {.weak = 0, .strong = 2},
                                                    .no_category = "it uses no labels and gives no pseudo-labels",
                                                    .self_supervised = true,
                                                    .presets = Description::pretraining()})};

}  // namespace
}  // namespace leaf
