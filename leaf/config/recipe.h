#pragma once

#include <string>
#include <vector>

#include "leaf/config/config.h"

namespace leaf {

/// One thing that the papers leave out or set for weights from outside, and what the recipes do instead. Each has its ablation:
/// `leaf bench … --ablation recipe` (docs/recipes.md).
struct Choice {
  std::string name;    ///< "class shares"
  std::string reason;  ///< one line
  Json presets;        ///< option keys and values; those of algorithms count where the algorithm has them
  Json published;      ///< the same keys at LEAF's published values
};

/// The choices of a recipe, "scratch" or "pretrained"; none of "published". Numbers of steps are set by resolve().
std::vector<Choice> recipe_choices(const std::string& recipe);

/// The recipe that `train.recipe` means: "published" (every option as its paper has it), "scratch" or "pretrained" (what works
/// from random or from given weights); "auto" follows from model.weights. Pretraining has no recipe beside its algorithm's
/// presets. Throws UsageError where one is asked for there.
std::string recipe_name(const Config& config);

/// One line for people: the recipe's name, and why it was chosen.
std::string recipe_reason(const Config& config);

}  // namespace leaf
