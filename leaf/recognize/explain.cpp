#include "leaf/recognize/explain.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>

#include "leaf/model/aggregation.h"
#include "leaf/model/weights.h"
#include "leaf/views/plain_views.h"

namespace leaf {
namespace {

/// The same network in float32 and of libtorch's layers, which have a gradient in evaluation mode too.
Model plain_model(const ModelFile& file) {
  auto options = file.options;
  options.precision = "float32";
  options.kernels = "torch";
  auto model = make_model(options, static_cast<int64_t>(file.classes.size()), file.views.size);
  copy_state(*file.model, *model);
  model->eval();
  return model;
}

UsedExperts used(const std::string& level, Model& model, const torch::Tensor& x) {
  const auto modules = model->named_modules();
  const auto values = modules["head." + level]->as<AggregationImpl>()->forward(x).gating.values[0].contiguous();
  UsedExperts result{level, {}};
  for (int64_t k = 0; k < values.size(0); ++k) {
    if (const auto value = values[k].item<double>(); value > 0) result.experts.emplace_back(k, value);
  }
  std::stable_sort(result.experts.begin(), result.experts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return result;
}

/// What goes into each level, as ExpressionHeadImpl::forward() does it.
std::vector<UsedExperts> levels_of(Model& model, const ModelOptions& options, const Output& output) {
  const torch::NoGradGuard no_gradient;
  std::vector<UsedExperts> levels;
  if (options.semantic.enabled) levels.push_back(used("semantic", model, output.map.mean({2, 3})));
  if (!options.instance.enabled) return levels;
  const auto tensors = collect(*model);
  auto x = options.learn_scale ? output.features * tensors.at("head.scale") : output.features * options.scale;
  if (options.instance_on == "predictions")
    x = torch::linear(x, tensors.at("head.classifier.weight"), tensors.at("head.classifier.bias"));
  levels.push_back(used("instance", model, x));
  return levels;
}

}  // namespace

torch::Tensor grad_cam(const torch::Tensor& map, const torch::Tensor& gradient) {
  const auto heat = (gradient.mean({1, 2}, /*keepdim=*/true) * map).sum(0).clamp_min(0);
  const auto largest = heat.max();
  return largest.item<double>() > 0 ? heat / largest : heat;
}

Explainer::Explainer(const std::filesystem::path& path) : file_(load_model(path)) { file_.model = plain_model(file_); }

Explanation Explainer::explain(const Image& face) {
  const int64_t size = file_.views.size;
  Explanation result;
  Rng unused(0);  // plain views have nothing random
  result.view = plain_transform(file_.views)(face, unused);
  auto view = torch::empty({1, 3, size, size}, torch::TensorOptions(), torch::MemoryFormat::ChannelsLast);
  const auto it = [&](int64_t) -> const Image& { return face; };
  write_plain_views(1, it, file_.views, 1, view.data_ptr<float>());
  const torch::AutoGradMode with_gradient(true);
  const auto output = file_.model->forward(view);
  const auto probabilities = file_.probabilities(output.logits.detach())[0].to(torch::kFloat64).contiguous();
  result.probabilities = {probabilities.data_ptr<double>(), probabilities.data_ptr<double>() + probabilities.numel()};
  result.predicted = probabilities.argmax().item<int64_t>();
  const auto gradient = torch::autograd::grad({output.logits[0][result.predicted]}, {output.map})[0];
  result.heat = grad_cam(output.map.detach()[0], gradient[0]);
  result.levels = levels_of(file_.model, file_.options, output);
  return result;
}

}  // namespace leaf
