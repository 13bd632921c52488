#include "leaf/config/recipe.h"

#include <filesystem>

#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {

std::vector<Choice> recipe_choices(const std::string& recipe) {
  if (recipe == "published") return {};
  const bool continued = recipe == "continued";
  const double rate = continued ? 3e-4 : recipe == "pretrained" ? 1e-3 : 2e-3;
  const Json as_published = {{"model.unit_length", true}, {"model.scale", 1.0}, {"model.learn_scale", false}};
  const Choice scale =
      continued
          ? Choice{"scale",
                   "a model of expressions goes on with the classifier that it has",
                   {{"model.unit_length", false}, {"model.scale", 1.0}, {"model.learn_scale", false}},
                   as_published}
          : Choice{"scale",
                   "logits of unit-length features stay small without a factor, and no face is confident for a thousand steps",
                   {{"model.unit_length", true}, {"model.scale", 16.0}, {"model.learn_scale", true}},
                   as_published};
  return {
      scale,
      {"precision",
       "products in half the bits where the processor has them: twice as quick",
       {{"model.precision", "auto"}},
       {{"model.precision", "float32"}}},
      {"dropout",
       "a small network that starts at random has nothing to spare",
       {{"model.dropout", 0.0}},
       {{"model.dropout", 0.5}}},
      {"optimizer",
       "weight decay apart from the gradient, and not of normalizations and biases",
       {{"optimizer.kind", "adamw"},
        {"optimizer.weight_decay", 0.05},
        {"optimizer.decay_norm_and_bias", false},
        {"average.weight_decay", 0.0}},
       {{"optimizer.kind", "adam"},
        {"optimizer.weight_decay", 0.0},
        {"optimizer.decay_norm_and_bias", true},
        {"average.weight_decay", 0.02}}},
      {"learning rate",
       "the published one is for weights that need little change",
       {{"optimizer.learning_rate", rate}},
       {{"optimizer.learning_rate", 5e-4}}},
      {"schedule",
       "linear growth over the first twentieth, then half a cosine",
       {{"optimizer.schedule", "half_cosine"}},
       {{"optimizer.schedule", "constant"}, {"optimizer.warm_up", 0}}},
      {"average",
       "it grows, else it still holds the random start when a short run ends",
       {{"average.growth", true}},
       {{"average.growth", false}}},
      {"labels first",
       "pseudo-labels of a random network are noise, so the first steps have none",
       Json::object(),
       {{"train.labeled_steps", 0}}},
      {"class shares",
       "labels are chosen evenly, faces are not even",
       {{"imbalance.shares", "unlabeled"}},
       {{"imbalance.shares", "labeled"}}},
      {"strong views",
       "three operations and a cutout leave little of the expression on 48 pixels, and darken most views",
       {{"views.operations", 1}, {"views.cutout", false}},
       {{"views.operations", 3}, {"views.cutout", true}}},
      {"thresholds",
       "the labeled faces are learned by heart, so that thresholds taken from them climb out of reach",
       {{"algorithm.threshold.initial", 0.3}, {"algorithm.threshold.floor", 0.3}, {"algorithm.threshold.decay", 0.5}},
       {{"algorithm.threshold.initial", 0.8}, {"algorithm.threshold.floor", 0.8}, {"algorithm.threshold.decay", 0.97}}},
      {"supervised weight",
       "the only certain labels count fully",
       {{"algorithm.supervised", 1.0}},
       {{"algorithm.supervised", 0.5}}},
  };
}

std::string recipe_name(const Config& config) {
  if (algorithms().at(config.algorithm).description.self_supervised) {  // its presets say all
    if (config.train.recipe != "auto" && config.train.recipe != "published")
      fail_usage("train.recipe = {} has no place in {}: it uses no labels; leave it out", config.train.recipe, config.algorithm);
    return "published";
  }
  if (config.train.recipe == "continued" && config.model.weights.empty() && !config.weights_follow)
    fail_usage("train.recipe = continued goes on with a model of expressions; name it with --weights");
  if (config.train.recipe != "auto") return config.train.recipe;
  return config.model.weights.empty() && !config.weights_follow ? "scratch" : "pretrained";
}

std::string recipe_reason(const Config& config) {
  const auto name = recipe_name(config), weights = std::filesystem::path(config.model.weights).filename().string();
  if (name == "published")
    return "recipe published: every option as its paper has it, --recipe auto takes what works from few labels";
  if (name == "continued")
    return fmt::format("recipe continued: {} knows expressions already, and its classifier goes on", weights);
  if (name == "pretrained")
    return fmt::format("recipe pretrained: {}",
                       config.model.weights.empty() ? "asked for" : "the encoder begins with " + weights);
  if (!config.model.weights.empty()) return "recipe scratch: asked for, although the encoder begins with " + weights;
  return "recipe scratch: no weights are given (--weights); `leaf pretrain` makes some from the unlabeled faces";
}

}  // namespace leaf
