#include "leaf/ssl/algorithm.h"

#include <cmath>
#include <limits>

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

Algorithm::Algorithm(Setting setting) : setting_(std::move(setting)) {
  const auto& imbalance = setting_.imbalance;
  if (imbalance.logit_adjustment != 0) {
    log_prior_ = register_buffer("log_prior", as_tensor(setting_.prior).clamp_min(kRarest).log());
  }
  if (imbalance.alignment != "none") {
    mean_belief_ = register_buffer("mean_belief", torch::full({setting_.classes}, std::numeric_limits<double>::quiet_NaN()));
    const auto uniform = torch::full({setting_.classes}, 1.0 / static_cast<double>(setting_.classes));
    wanted_belief_ = register_buffer("wanted_belief", imbalance.alignment == "uniform" ? uniform : as_tensor(setting_.prior));
  }
  if (setting_.outliers.reject == "distance") {
    outliers_ = register_module("outliers", OutlierFilter(setting_.labeled_faces, setting_.features, setting_.outliers));
  }
}

Objective Algorithm::objective(Model& model, const Batch& batch) {
  balances_.clear();
  shift_ = model->shift();
  largest_class_ = torch::Tensor();
  torch::Tensor rejected;
  const bool labeled_only = batch.weak.empty() && batch.strong.empty() && views().weak + views().strong > 0;
  const auto terms = [&]() -> Objective {
    if (labeled_only) return {{"supervised", supervised_loss(forward(model, {batch.labeled}).front().logits, batch.targets)}};
    return loss(model, outliers_ ? without_outliers(batch, rejected) : batch);
  };
  auto result = terms();
  if (setting_.gate_balance > 0) result.add({"balance", mean_balance(balances_), setting_.gate_balance});
  if (largest_class_.defined()) result.watch("largest_class", largest_class_);
  if (rejected.defined()) result.watch("rejected", rejected);
  return result;
}

torch::Tensor Algorithm::learned_shares() const {
  const auto labeled = as_tensor(setting_.prior).clamp_min(kRarest);
  const auto drawn =
      setting_.imbalance.sampling == "classes" ? (as_tensor(setting_.prior) > 0).to(torch::kFloat32).clamp_min(kRarest) : labeled;
  const auto learned = drawn * labeled.pow(-setting_.imbalance.logit_adjustment);
  return learned / learned.sum();
}

Batch Algorithm::without_outliers(const Batch& batch, torch::Tensor& rejected) const {
  const auto kept = outliers_->kept(teacher(batch.weak.empty() ? batch.strong.front() : batch.weak.front()).features);
  rejected = torch::full({}, 1 - static_cast<double>(kept.size(0)) / static_cast<double>(batch.faces.size(0)));
  auto result = batch;
  for (auto* views : {&result.weak, &result.strong}) {
    for (auto& view : *views) view = view.index_select(0, kept);
  }
  result.faces = batch.faces.index_select(0, kept);
  return result;
}

std::vector<Output> Algorithm::forward(Model& model, const std::vector<torch::Tensor>& views, Statistics statistics) {
  const bool joint = setting_.joint_passes;
  auto outputs = model->forward_all(views, joint, statistics == Statistics::kOfFirst ? 1 : views.size());
  for (size_t i = 0; i < (joint ? 1 : outputs.size()); ++i) balances_.push_back(outputs[i].balance);
  return outputs;
}

Output Algorithm::teacher(const torch::Tensor& views) const {
  TORCH_CHECK(setting_.average, "this algorithm needs the moving average of the model");
  const torch::NoGradGuard no_gradient;
  auto average = setting_.average;
  average->eval();
  return average->forward(views);
}

torch::Tensor Algorithm::adjusted(const torch::Tensor& logits) const {
  const auto own = shift_.defined() ? logits - shift_ : logits;
  return log_prior_.defined() ? own + setting_.imbalance.logit_adjustment * log_prior_ : own;
}

torch::Tensor Algorithm::supervised_loss(const torch::Tensor& logits, const torch::Tensor& targets) const {
  return supervised_losses(logits, targets).mean();
}

torch::Tensor Algorithm::supervised_losses(const torch::Tensor& logits, const torch::Tensor& targets) const {
  const auto smoothing = setting_.label_smoothing;
  const auto own = adjusted(logits);
  if (smoothing == 0) return cross_entropy(own, targets);
  return cross_entropy(own, (1 - smoothing) * targets + smoothing / static_cast<double>(logits.size(1)));
}

torch::Tensor Algorithm::beliefs(const torch::Tensor& probabilities) {
  const auto believed = probabilities.detach();
  largest_class_ = torch::bincount(believed.argmax(1), {}, setting_.classes).amax() / static_cast<double>(believed.size(0));
  if (mean_belief_.defined()) update_mean(mean_belief_, believed.mean(0), setting_.imbalance.momentum);
  return aligned(believed);
}

torch::Tensor Algorithm::aligned(const torch::Tensor& probabilities) const {
  const auto believed = probabilities.detach();
  return mean_belief_.defined() ? align(believed, wanted_belief_, mean_belief_) : believed;
}

torch::Tensor Algorithm::pseudo_label_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                                           const torch::Tensor& believed) const {
  const auto plain = cross_entropy(logits, targets);
  if (!setting_.category.enabled) return plain;
  const auto ambiguous = ambiguous_labels(believed, setting_.category);
  const auto loss = ambiguous_loss(logits, ambiguous) * ambiguous.weight;
  return loss * balance_factor(plain, loss);
}

}  // namespace leaf
