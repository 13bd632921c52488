#include "leaf/train/recipe.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {
namespace {

constexpr int64_t kUnlabeledForEach = 1;   ///< unlabeled faces for each labeled one
constexpr double kLabeledShare = 0.15;     ///< share of the views that are seen before any unlabeled face
constexpr double kWarmUp = 0.05;           ///< share of the steps

/// What both recipes have.
Json common() {
  return {
      {"model.unit_length", true},     // one network for every algorithm, so that they compare
      {"model.scale", 16.0},           // without one, logits of unit-length features stay small and no face is confident
      {"model.learn_scale", true},
      {"model.dropout", 0.0},
      {"optimizer.kind", "adamw"},
      {"optimizer.weight_decay", 0.05},
      {"optimizer.decay_norm_and_bias", false},
      {"optimizer.schedule", "half_cosine"},
      {"average.decay", 0.999},
      {"average.growth", true},        // else the average still holds the random start when a short run ends
      {"average.weight_decay", 0.0},   // the optimizer has one
      {"train.label_smoothing", 0.0},
      {"imbalance.shares", "unlabeled"},
      {"algorithm.threshold.decay", 0.8},
  };
}

const Json& values_of(const std::string& recipe) {
  static const Json kScratch = [] {
    auto values = common();
    values["optimizer.learning_rate"] = 2e-3;
    return values;
  }();
  static const Json kPretrained = [] {
    auto values = common();
    values["optimizer.learning_rate"] = 1e-3;
    return values;
  }();
  return recipe == "scratch" ? kScratch : kPretrained;
}

/// Views of a step with unlabeled faces.
int64_t views_of_step(const Config& config) { return default_views(config.algorithm).total(config.train.labeled_batch, config.train.unlabeled_batch); }

/// Steps with labeled faces alone that take their share of all views; none for an algorithm that has no others.
int64_t labeled_steps(const Config& config) {
  const auto& train = config.train;
  const auto labeled = static_cast<double>(train.labeled_batch), whole = static_cast<double>(views_of_step(config));
  if (whole == labeled) return 0;
  if (train.views > 0) return static_cast<int64_t>(kLabeledShare * static_cast<double>(train.views) / labeled);
  return static_cast<int64_t>(static_cast<double>(train.steps) * kLabeledShare * whole / (labeled * (1 - kLabeledShare) + kLabeledShare * whole));
}

void set_steps(Config& config) {
  auto& train = config.train;
  if (train.views == 0) return;
  const int64_t a_step = views_of_step(config), first = train.labeled_steps * train.labeled_batch;
  if (train.views < first + a_step) {
    fail_usage("train.views is {}, but one step of {} takes {}{}", train.views, config.algorithm, a_step, first > 0 ? fmt::format(" and train.labeled_steps before it {}", first) : "");
  }
  const int64_t steps = train.labeled_steps + (train.views - first) / a_step;
  if (config.given.contains("train.steps") && train.steps != steps) {
    fail_usage("train.views = {} means {} steps of {}, but train.steps is set to {}; leave one of them out", train.views, steps, config.algorithm, train.steps);
  }
  train.steps = steps;
}

}  // namespace

std::string recipe_name(const Config& config) {
  if (config.train.recipe != "auto") return config.train.recipe;
  return config.model.weights.empty() ? "scratch" : "pretrained";
}

void apply_recipe(Config& config) {
  config.train.recipe = recipe_name(config);
  const bool published = config.train.recipe == "published";
  if (!published) {
    config.apply_presets(values_of(config.train.recipe));
    config.apply_presets({{"train.unlabeled_batch", kUnlabeledForEach * config.train.labeled_batch}});
    config.apply_presets({{"train.labeled_steps", labeled_steps(config)}});
  }
  set_steps(config);
  if (!published) config.apply_presets({{"optimizer.warm_up", static_cast<int64_t>(kWarmUp * static_cast<double>(config.train.steps))}});
}

std::string recipe_reason(const Config& config) {
  const auto name = recipe_name(config);
  if (name == "published") return "recipe published: every option as its paper has it, --recipe auto takes what works from few labels";
  if (name == "pretrained") return fmt::format("recipe pretrained: the encoder begins with {}", config.model.weights.empty() ? "weights of its own" : config.model.weights);
  return "recipe scratch: no weights are given (--weights); `leaf pretrain` makes some from the unlabeled faces";
}

}  // namespace leaf
