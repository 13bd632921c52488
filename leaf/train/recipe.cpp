#include "leaf/train/recipe.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/model/precision.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {
namespace {

constexpr double kLabeledShare = 0.15;  ///< share of the views that are seen before any unlabeled face
constexpr double kLabeledPasses = 30;   ///< at most so many passes over the labeled faces: then they are known by heart
constexpr double kWarmUp = 0.05;        ///< share of the steps

/// Views of a step with unlabeled faces.
int64_t views_of_step(const Config& config) {
  return default_views(config.algorithm).total(config.train.labeled_batch, config.train.unlabeled_batch);
}

/// Steps with labeled faces alone that take their share of all views; none for an algorithm that has no others.
int64_t labeled_steps(const Config& config) {
  const auto& train = config.train;
  const auto labeled = static_cast<double>(train.labeled_batch), whole = static_cast<double>(views_of_step(config));
  if (whole == labeled) return 0;
  const double steps = train.views > 0 ? kLabeledShare * static_cast<double>(train.views) / labeled
                                       : static_cast<double>(train.steps) * kLabeledShare * whole /
                                             (labeled * (1 - kLabeledShare) + kLabeledShare * whole);
  const bool counted = config.data.labels >= 1 && config.data.split != "fraction";  // else nobody knows yet how many there are
  return static_cast<int64_t>(counted ? std::min(steps, kLabeledPasses * config.data.labels / labeled) : steps);
}

void set_steps(Config& config) {
  auto& train = config.train;
  if (train.views == 0) return;
  const int64_t a_step = views_of_step(config), first = train.labeled_steps * train.labeled_batch;
  if (train.views < first + a_step) {
    fail_usage("train.views is {}, but one step of {} takes {}{}", train.views, config.algorithm, a_step,
               first > 0 ? fmt::format(" and train.labeled_steps before it {}", first) : "");
  }
  const int64_t steps = train.labeled_steps + (train.views - first) / a_step;
  if (config.given.contains("train.steps") && train.steps != steps) {
    fail_usage("train.views = {} means {} steps of {}, but train.steps is set to {}; leave one of them out", train.views, steps,
               config.algorithm, train.steps);
  }
  train.steps = steps;
}

}  // namespace

std::vector<Choice> recipe_choices(const std::string& recipe) {
  const double rate = recipe == "pretrained" ? 1e-3 : 2e-3;
  return {
      {"scale",
       "logits of unit-length features stay small without a factor, and no face is confident for a thousand steps",
       {{"model.unit_length", true}, {"model.scale", 16.0}, {"model.learn_scale", true}},
       {{"model.unit_length", true}, {"model.scale", 1.0}, {"model.learn_scale", false}}},
      {"precision",
       "products in half the bits where the processor has them: twice as quick",
       {{"model.precision", quick_precision()}},
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
    if (config.train.recipe == "scratch" || config.train.recipe == "pretrained")
      fail_usage("train.recipe = {} has no place in {}: it uses no labels; leave it out", config.train.recipe, config.algorithm);
    return "published";
  }
  if (config.train.recipe != "auto") return config.train.recipe;
  return config.model.weights.empty() ? "scratch" : "pretrained";
}

void apply_recipe(Config& config) {
  config.train.recipe = recipe_name(config);
  const bool published = config.train.recipe == "published";
  if (!published) {
    for (const auto& choice : recipe_choices(config.train.recipe)) config.apply_presets(choice.values);
    config.apply_presets({{"train.labeled_steps", labeled_steps(config)}});
  }
  set_steps(config);
  const auto& train = config.train;
  if (train.labeled_steps >= train.steps && views_of_step(config) > train.labeled_batch) {
    fail_usage(
        "train.labeled_steps is {} of {} steps, so {} would see no unlabeled face; lower it, or train with --algorithm "
        "supervised",
        train.labeled_steps, train.steps, config.algorithm);
  }
  if (!published)
    config.apply_presets({{"optimizer.warm_up", static_cast<int64_t>(kWarmUp * static_cast<double>(config.train.steps))}});
}

std::string recipe_reason(const Config& config) {
  const auto name = recipe_name(config);
  if (name == "published")
    return "recipe published: every option as its paper has it, --recipe auto takes what works from few labels";
  if (name == "pretrained")
    return fmt::format("recipe pretrained: {}",
                       config.model.weights.empty() ? "asked for" : "the encoder begins with " + config.model.weights);
  if (!config.model.weights.empty()) return "recipe scratch: asked for, although the encoder begins with " + config.model.weights;
  return "recipe scratch: no weights are given (--weights); `leaf pretrain` makes some from the unlabeled faces";
}

}  // namespace leaf
