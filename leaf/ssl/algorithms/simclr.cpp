#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct SimClrOptions {
  double temperature = 0.2;
  int64_t dim = 128;
};

void describe(Options& options, SimClrOptions& own) {
  options.add("temperature", own.temperature, "of similarities between projections; lower ones look at the nearest other faces",
              1e-3, 10);
  options.add("dim", own.dim, "width of a projection", 1, 4096);
}

/// SimCLR: of all views of a step, each must find the other one of its own face.
///
///     L = contrast(z(A u), z(A′ u); T)    z = unit length of two linear layers on the encoder's features
class SimClr : public Algorithm {
 public:
  using OwnOptions = SimClrOptions;

  SimClr(const AlgorithmContext& context, OwnOptions options)
      : Algorithm(context),
        options_(options),
        projection_(register_module("projection", Projection(context.features, options.dim))) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.strong[0], batch.strong[1]});
    const auto first = projection_(outputs[0].features), second = projection_(outputs[1].features);
    const auto found = first.mm(second.t()).argmax(1) == torch::arange(first.size(0), first.options().dtype(torch::kLong));
    return Objective{{"contrast", contrast(first, second, {}, options_.temperature)}}.watch("found", found);
  }

  const OwnOptions options_;
  Projection projection_;
};

const Registration kSimClr{algorithms(), "simclr",
                           algorithm_entry<SimClr>({.title = "SimCLR: two views of a face must find each other (contrastive)",
                                                    .citation = "Chen et al., ICML 2020, arXiv 2002.05709",
                                                    .views = {.weak = 0, .strong = 2},
                                                    .no_category = "it uses no labels and gives no pseudo-labels",
                                                    .self_supervised = true,
                                                    .presets = Description::pretraining()})};

}  // namespace
}  // namespace leaf
