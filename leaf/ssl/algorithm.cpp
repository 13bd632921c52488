#include "leaf/ssl/algorithm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "leaf/ssl/alignment.h"
#include "leaf/ssl/category.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

constexpr double kRarest = 1e-9;  ///< share that stands for none, so that its power is a number

torch::Tensor as_tensor(const std::vector<double>& values) { return torch::tensor(values, torch::kDouble).to(torch::kFloat32); }

/// The class shares [C] that logit adjustment takes off. A class without a labeled face counts as the rarest that has one: with a
/// share near 0 its logits would stay as the network began with them, above those of the classes that are learned.
torch::Tensor adjusted_shares(const std::vector<double>& prior) {
  double rarest = 1;
  for (const double share : prior) rarest = share > 0 ? std::min(rarest, share) : rarest;
  return as_tensor(prior).clamp_min(rarest);
}

/// The experts' balance loss of a step, a scalar: the mean over its passes.
torch::Tensor mean_balance(const std::vector<torch::Tensor>& balances) {
  TORCH_CHECK(!balances.empty(), "an objective needs at least one pass");
  return torch::stack(balances).mean();
}

}  // namespace

double Step::ramp(double fraction) const { return linear_ramp(number, count, fraction); }

Algorithm::Algorithm(AlgorithmContext context) : context_(std::move(context)) {
  const auto& imbalance = context_.imbalance;
  if (imbalance.logit_adjustment != 0) {
    log_prior_ = register_buffer("log_prior", adjusted_shares(context_.prior).log());
  }
  if (imbalance.alignment != "none") {
    mean_belief_ = register_buffer("mean_belief", torch::full({context_.classes}, std::numeric_limits<double>::quiet_NaN()));
    const auto uniform = torch::full({context_.classes}, 1.0 / static_cast<double>(context_.classes));
    wanted_belief_ = register_buffer("wanted_belief", imbalance.alignment == "uniform" ? uniform : as_tensor(context_.prior));
  }
  if (context_.outliers.reject == "distance") {
    outliers_ = register_module("outliers", OutlierFilter(context_.labeled_faces, context_.features, context_.outliers));
  }
}

Objective Algorithm::objective(Model& model, const Batch& batch) {
  const bool taught = batch.taught.defined() && batch.step < context_.labeled_steps;
  const bool first = taught || (batch.weak.empty() && batch.strong.empty() && context_.views.unlabeled() > 0);
  std::optional<Filtered> filtered;
  if (outliers_ && !first) filtered = without_outliers(batch);
  Step step{model, filtered ? filtered->batch : batch, batch.step - context_.labeled_steps,
            context_.steps - context_.labeled_steps};
  auto result = first ? first_objective(step) : loss(step);
  if (context_.gate_balance > 0) result.add({"balance", mean_balance(step.balances), context_.gate_balance});
  if (step.largest_class.defined()) result.watch("largest_class", step.largest_class);
  if (filtered) result.watch("rejected", filtered->share);
  return result;
}

Objective Algorithm::first_objective(Step& step) {
  const auto& batch = step.batch;
  std::vector<torch::Tensor> views = {batch.labeled};
  if (batch.taught.defined()) views.push_back(batch.strong[0]);
  const auto outputs = forward(step, views);
  measure(step, outputs[0]);
  Objective objective{{"supervised", supervised_loss(outputs[0].unshifted, batch.targets)}};
  if (batch.taught.defined()) objective.add({"teacher", cross_entropy(outputs[1].logits, batch.taught).mean()});
  return objective;
}

torch::Tensor Algorithm::learned_shares() const {
  const auto labeled = as_tensor(context_.prior);
  const auto drawn = context_.imbalance.sampling == "classes" ? (labeled > 0).to(torch::kFloat32) : labeled;
  const auto learned = drawn.clamp_min(kRarest) * adjusted_shares(context_.prior).pow(-context_.imbalance.logit_adjustment);
  return learned / learned.sum();
}

Algorithm::Filtered Algorithm::without_outliers(const Batch& batch) const {
  const auto kept = outliers_->kept(teacher(batch.weak.empty() ? batch.strong.front() : batch.weak.front()).features);
  Filtered result{batch, torch::full({}, 1 - static_cast<double>(kept.size(0)) / static_cast<double>(batch.faces.size(0)))};
  for (auto* views : {&result.batch.weak, &result.batch.strong}) {
    for (auto& view : *views) view = view.index_select(0, kept);
  }
  result.batch.faces = batch.faces.index_select(0, kept);
  if (batch.taught.defined()) result.batch.taught = batch.taught.index_select(0, kept);
  return result;
}

std::vector<Output> Algorithm::forward(Step& step, const std::vector<torch::Tensor>& views, Statistics statistics) const {
  const bool joint = context_.joint_passes;
  auto outputs = step.model->forward_all(views, joint, statistics == Statistics::kOfFirst ? 1 : views.size());
  for (size_t i = 0; i < (joint ? 1 : outputs.size()); ++i) step.balances.push_back(outputs[i].balance);
  return outputs;
}

Output Algorithm::teacher(const torch::Tensor& views) const {
  TORCH_CHECK(context_.average, "this algorithm needs the moving average of the model");
  const torch::NoGradGuard no_gradient;
  auto average = context_.average;
  average->eval();
  return average->forward(views);
}

torch::Tensor Algorithm::supervised_loss(const torch::Tensor& unshifted, const torch::Tensor& targets) const {
  return supervised_losses(unshifted, targets).mean();
}

torch::Tensor Algorithm::supervised_losses(const torch::Tensor& unshifted, const torch::Tensor& targets) const {
  const auto smoothing = context_.label_smoothing;
  const auto logits = log_prior_.defined() ? unshifted + context_.imbalance.logit_adjustment * log_prior_ : unshifted;
  if (smoothing == 0) return cross_entropy(logits, targets);
  return cross_entropy(logits, (1 - smoothing) * targets + smoothing / static_cast<double>(logits.size(1)));
}

torch::Tensor Algorithm::beliefs(Step& step, const torch::Tensor& probabilities) {
  const auto believed = probabilities.detach();
  step.largest_class = torch::bincount(believed.argmax(1), {}, context_.classes).amax() / static_cast<double>(believed.size(0));
  if (mean_belief_.defined()) update_mean(mean_belief_, unshifted(step, believed).mean(0), context_.imbalance.momentum);
  return with_teacher(step, aligned(step, believed));
}

torch::Tensor Algorithm::with_teacher(const Step& step, const torch::Tensor& probabilities) const {
  const auto& taught = step.batch.taught;
  return taught.defined() ? torch::lerp(probabilities, taught, context_.trust) : probabilities;
}

torch::Tensor Algorithm::aligned(const Step& step, const torch::Tensor& probabilities) const {
  const auto believed = probabilities.detach();
  if (!mean_belief_.defined()) return believed;
  return align(unshifted(step, believed), expected_shares(step, wanted_belief_), mean_belief_);
}

torch::Tensor Algorithm::unshifted(const Step& step, const torch::Tensor& probabilities) {
  const auto shift = step.model->shift();
  return shift.defined() ? normalized(probabilities * torch::exp(-shift)) : probabilities;
}

torch::Tensor Algorithm::shifted(const Step& step, const torch::Tensor& probabilities) {
  const auto shift = step.model->shift();
  return shift.defined() ? normalized(probabilities * torch::exp(shift)) : probabilities;
}

torch::Tensor Algorithm::expected_shares(const Step& step, const torch::Tensor& otherwise) const {
  const auto shift = step.model->shift();
  return shift.defined() ? shifted(step, learned_shares().to(shift.device())) : otherwise;
}

torch::Tensor Algorithm::of_expected_shares(const Step& step, const torch::Tensor& even) const {
  const auto shares = expected_shares(step, {});
  return shares.defined() ? normalized(even * shares) : even;
}

torch::Tensor Algorithm::pseudo_label_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                                           const torch::Tensor& believed) const {
  const auto single = cross_entropy(logits, targets);
  if (!context_.category.enabled) return single;
  return category_loss(logits, ambiguous_labels(believed, context_.category), single);
}

}  // namespace leaf
