#pragma once

#include <string>
#include <vector>

#include "leaf/train/config.h"

namespace leaf {

/// One thing that the papers leave out or set for weights from outside, and what the recipes do instead. Each has its ablation:
/// `leaf bench … --ablation recipe` (docs/recipes.md).
struct Choice {
  std::string name;    ///< "class shares"
  std::string reason;  ///< one line
  Json values;         ///< option keys and values; those of algorithms count where the algorithm has them
  Json published;      ///< the same keys at LEAF's published values
};

/// The choices of a recipe, "scratch" or "pretrained".
std::vector<Choice> recipe_choices(const std::string& recipe);

/// The recipe that `train.recipe` means: "published", "scratch" or "pretrained"; "auto" follows from model.weights.
/// Pretraining has no recipe beside its algorithm's presets.
std::string recipe_name(const Config& config);

/// Sets what nobody set to what the recipe has chosen; `published` sets nothing. Then the number of steps, where train.views
/// decides it, and what depends on it. Throws UsageError for views that are too few for a step, or steps that contradict them.
void apply_recipe(Config& config);

/// One line for people: the recipe's name, and why it was chosen.
std::string recipe_reason(const Config& config);

}  // namespace leaf
