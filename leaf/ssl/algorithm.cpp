#include "leaf/ssl/algorithm.h"

#include <cmath>
#include <limits>
#include <optional>

#include "leaf/ssl/alignment.h"
#include "leaf/ssl/category.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

constexpr double kRarest = 1e-9;  ///< share that stands for none, so that its logarithm is a number

torch::Tensor as_tensor(const std::vector<double>& values) { return torch::tensor(values, torch::kDouble).to(torch::kFloat32); }

/// The experts' balance loss of a step, a scalar: the mean over its passes.
torch::Tensor mean_balance(const std::vector<torch::Tensor>& balances) {
  TORCH_CHECK(!balances.empty(), "an objective needs at least one pass");
  return torch::stack(balances).mean();
}

}  // namespace

Algorithm::Algorithm(AlgorithmContext context) : context_(std::move(context)) {
  const auto& imbalance = context_.imbalance;
  if (imbalance.logit_adjustment != 0) {
    log_prior_ = register_buffer("log_prior", as_tensor(context_.prior).clamp_min(kRarest).log());
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
  const bool labeled_only = batch.weak.empty() && batch.strong.empty() && context_.views.unlabeled() > 0;
  std::optional<Filtered> filtered;
  if (outliers_ && !labeled_only) filtered = without_outliers(batch);
  Step step{model, filtered ? filtered->batch : batch};
  auto result = labeled_only ? labeled_objective(step) : loss(step);
  if (context_.gate_balance > 0) result.add({"balance", mean_balance(step.balances), context_.gate_balance});
  if (step.largest_class.defined()) result.watch("largest_class", step.largest_class);
  if (filtered) result.watch("rejected", filtered->share);
  return result;
}

Objective Algorithm::labeled_objective(Step& step) const {
  const auto labeled = forward(step, {step.batch.labeled}).front();
  return {{"supervised", supervised_loss(labeled.unshifted, step.batch.targets)}};
}

torch::Tensor Algorithm::learned_shares() const {
  const auto labeled = as_tensor(context_.prior).clamp_min(kRarest);
  const auto drawn =
      context_.imbalance.sampling == "classes" ? (as_tensor(context_.prior) > 0).to(torch::kFloat32).clamp_min(kRarest) : labeled;
  const auto learned = drawn * labeled.pow(-context_.imbalance.logit_adjustment);
  return learned / learned.sum();
}

Algorithm::Filtered Algorithm::without_outliers(const Batch& batch) const {
  const auto kept = outliers_->kept(teacher(batch.weak.empty() ? batch.strong.front() : batch.weak.front()).features);
  Filtered result{batch, torch::full({}, 1 - static_cast<double>(kept.size(0)) / static_cast<double>(batch.faces.size(0)))};
  for (auto* views : {&result.batch.weak, &result.batch.strong}) {
    for (auto& view : *views) view = view.index_select(0, kept);
  }
  result.batch.faces = batch.faces.index_select(0, kept);
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
  if (mean_belief_.defined()) update_mean(mean_belief_, believed.mean(0), context_.imbalance.momentum);
  return aligned(believed);
}

torch::Tensor Algorithm::aligned(const torch::Tensor& probabilities) const {
  const auto believed = probabilities.detach();
  return mean_belief_.defined() ? align(believed, wanted_belief_, mean_belief_) : believed;
}

torch::Tensor Algorithm::pseudo_label_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                                           const torch::Tensor& believed) const {
  const auto single = cross_entropy(logits, targets);
  if (!context_.category.enabled) return single;
  return category_loss(logits, ambiguous_labels(believed, context_.category), single);
}

}  // namespace leaf
