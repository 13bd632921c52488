#pragma once

#include <string>

#include "leaf/train/config.h"

namespace leaf {

/// The recipe that `train.recipe` means: "published", "scratch" or "pretrained"; "auto" follows from model.weights.
std::string recipe_name(const Config& config);

/// Sets what nobody set to what the recipe has found to work (docs/recipes.md gives the reasons and docs/results.md an ablation of
/// each); `published` sets nothing. Then the number of steps, where train.views decides it, and what depends on it.
/// Throws UsageError for views that are too few for a step, or steps that contradict them.
void apply_recipe(Config& config);

/// One line for people: the recipe's name, and why it was chosen.
std::string recipe_reason(const Config& config);

}  // namespace leaf
