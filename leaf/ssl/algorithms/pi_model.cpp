#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct PiModelOptions {
  double unlabeled = 10;
  double ramp = 0.4;
};

void describe(Options& options, PiModelOptions& own) {
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("ramp", own.ramp, "share of the run over which that weight grows from 0", 0, 1);
}

/// Π-model: two weak views of a face, each through the network with its own noise, must agree.
///
///     L = L_x + λ·w(t)·mean (softmax z(α₂ u) − softmax z(α₁ u))²,  without gradient through α₁
class PiModel : public Algorithm {
 public:
  using OwnOptions = PiModelOptions;

  PiModel(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto outputs = forward(step, {batch.labeled, batch.weak[0], batch.weak[1]}, Statistics::kOfFirst);
    const auto target = beliefs(step, outputs[1].probabilities());

    const auto supervised = supervised_loss(outputs[0].unshifted, batch.targets);
    const auto consistency = squared_error(outputs[2].probabilities(), target).mean();
    return {{"supervised", supervised}, {"consistency", consistency, options_.unlabeled * step.ramp(options_.ramp)}};
  }

  const OwnOptions options_;
};

const Registration kPiModel{
    algorithms(), "pi_model",
    algorithm_entry<PiModel>({.title = "Π-model: two noisy passes must agree",
                              .citation = "Laine and Aila, ICLR 2017, arXiv 1610.02242",
                              .views = {.weak = 2, .strong = 0},
                              .no_category = "it gives no pseudo-labels, its target is a whole distribution",
                              .presets = Description::separate_passes()})};

}  // namespace
}  // namespace leaf
