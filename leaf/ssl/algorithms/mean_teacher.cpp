#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct MeanTeacherOptions {
  double unlabeled = 50;
  double ramp = 0.4;
};

void describe(Options& options, MeanTeacherOptions& own) {
  options.add("unlabeled", own.unlabeled, "weight of the loss on unlabeled faces", 0, 1000);
  options.add("ramp", own.ramp, "share of the run over which that weight grows from 0", 0, 1);
}

/// Mean Teacher: the network must agree with the moving average of its own weights. The average is the run's own (average.decay).
///
///     L = L_x + λ·w(t)·mean (softmax z(α₂ u) − softmax z′(α₁ u))²,  z′ the average's logits
///
/// One public code base compares the teacher with itself, so that its second term is always 0; this is the paper's form. The
/// average grows (average.growth), as in the authors' code: at a constant decay the first targets would be the random start's.
class MeanTeacher : public Algorithm {
 public:
  using OwnOptions = MeanTeacherOptions;

  MeanTeacher(const AlgorithmContext& context, OwnOptions options) : Algorithm(context), options_(options) {}

 private:
  Objective loss(Step& step) override {
    const auto& batch = step.batch;
    const auto target = beliefs(step, teacher(batch.weak[0]).probabilities());
    const auto outputs = forward(step, {batch.labeled, batch.weak[1]}, Statistics::kOfFirst);

    const auto supervised = supervised_loss(outputs[0].unshifted, batch.targets);
    const auto consistency = squared_error(outputs[1].probabilities(), target).mean();
    return {{"supervised", supervised}, {"consistency", consistency, options_.unlabeled * step.ramp(options_.ramp)}};
  }

  const OwnOptions options_;
};

Json mean_teacher_presets() {
  auto presets = Description::separate_passes();
  presets["average.growth"] = true;
  return presets;
}

const Registration kMeanTeacher{
    algorithms(), "mean_teacher",
    algorithm_entry<MeanTeacher>({.title = "Mean Teacher: agreement with the moving average of the weights",
                                  .citation = "Tarvainen and Valpola, NeurIPS 2017, arXiv 1703.01780",
                                  .views = {.weak = 2, .strong = 0},
                                  .no_category = "it gives no pseudo-labels, its target is a whole distribution",
                                  .presets = mean_teacher_presets()})};

}  // namespace
}  // namespace leaf
