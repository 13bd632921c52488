#include "leaf/model/head.h"

#include <algorithm>
#include <cmath>

namespace leaf {
namespace {

/// Passes `x` through a level, if there is one, and adds what it says of its balance.
torch::Tensor pass(Aggregation& level, const torch::Tensor& x, torch::Tensor& balance) {
  if (!level) return x;
  auto [output, gating, uneven] = level(x);
  balance = balance.defined() ? balance + uneven : uneven;
  return output;
}

double level_numbers(double width, const AggregationOptions& options) {
  if (!options.enabled) return 0;
  const double gate = width * static_cast<double>(options.experts) * (options.gate == "noisy_top_k" ? 2 : 1);
  const double hidden = std::max(std::floor(width / 2), 1.0);
  const double expert = options.expert == "linear" ? width * (width + 1) : hidden * (2 * width + 1) + width;
  return gate + expert * (options.shared ? 1 : static_cast<double>(options.experts));
}

}  // namespace

double head_numbers(int64_t width, int64_t classes, const ModelOptions& options) {
  const auto w = static_cast<double>(width), c = static_cast<double>(classes);
  return level_numbers(w, options.semantic) + c * (w + 1) +
         level_numbers(options.instance_on == "predictions" ? c : w, options.instance) + (options.learn_scale ? 1 : 0);
}

ExpressionHeadImpl::ExpressionHeadImpl(int64_t width, int64_t classes, const ModelOptions& options) : options_(options) {
  const int64_t instance_width = options.instance_on == "predictions" ? classes : width;
  if (options.semantic.enabled) semantic_ = register_module("semantic", Aggregation(width, options.semantic));
  classifier_ = register_module("classifier", torch::nn::Linear(width, classes));
  if (options.instance.enabled) instance_ = register_module("instance", Aggregation(instance_width, options.instance));
  if (options.learn_scale) scale_ = register_parameter("scale", torch::full({}, options.scale));
}

Output ExpressionHeadImpl::forward(const torch::Tensor& features) {
  torch::Tensor balance;
  auto relevant = pass(semantic_, features, balance);
  if (options_.unit_length) relevant = unit_length(relevant);

  auto scaled = relevant;
  if (scale_.defined()) {
    scaled = relevant * scale_;
  } else if (options_.scale != 1) {
    scaled = relevant * options_.scale;
  }
  const bool on_predictions = options_.instance_on == "predictions";
  const auto logits =
      on_predictions ? pass(instance_, classifier_(scaled), balance) : classifier_(pass(instance_, scaled, balance));
  return {logits, logits, relevant, balance.defined() ? balance : torch::zeros({}, logits.options()), {}};
}

std::map<std::string, int64_t> ExpressionHeadImpl::listings() const {
  std::map<std::string, int64_t> result;
  const auto add = [&](const std::string& level, const AggregationOptions& options) {
    if (!options.enabled || !options.shared) return;
    for (const auto& item : named_parameters()) {
      if (item.key().starts_with(level + ".experts.")) result[item.key()] = options.experts + 1;
    }
  };
  add("semantic", options_.semantic);
  add("instance", options_.instance);
  return result;
}

}  // namespace leaf
