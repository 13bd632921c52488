#include "leaf/compare/ablation.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/config/recipe.h"

namespace leaf {
namespace {

using Values = std::vector<std::pair<std::string, Json>>;

Variant changed(const std::string& change, Values values) {
  auto variant = parse_variant("leaf");
  variant.change = change;
  variant.options = std::move(values);
  return variant;
}

/// One option of both mixtures of experts.
Values both(const std::string& option, const Json& value) {
  return {{"model.semantic." + option, value}, {"model.instance." + option, value}};
}

Variant with_experts(const std::string& option, const Json& value) {
  return changed(fmt::format("{}={}", option, value.is_string() ? value.get<std::string>() : value.dump()), both(option, value));
}

Variant with_one_expert() {  // no more experts can be chosen than there are
  auto values = both("experts", 1);
  for (auto& value : both("top_k", 1)) values.push_back(std::move(value));
  return changed("experts=1", std::move(values));
}

Variant with_category(const std::string& option, const Json& value) {
  return changed(fmt::format("{}={}", option, value.is_string() ? value.get<std::string>() : value.dump()),
                 {{"category." + option, value}});
}

Variant with_method(const std::string& method) {
  auto variant = changed("method=" + method, {});
  variant.method = method;
  return variant;
}

/// LEAF by the recipe, and with each of its choices as published.
std::vector<Variant> without_each_choice() {
  std::vector<Variant> variants = {parse_variant("leaf")};
  for (const auto& choice : recipe_choices("scratch")) {
    Values values;
    for (const auto& [key, value] : choice.published.items()) values.emplace_back(key, value);
    variants.push_back(changed("published " + choice.name, std::move(values)));
  }
  return variants;
}

std::vector<Study> make_studies() {
  const auto levels = parse_variants(
      "leaf+none,leaf+semantic,leaf+instance,leaf+category,leaf+semantic+instance,leaf+semantic+category,leaf+instance+category,"
      "leaf");
  std::vector<Study> all = {
      {"levels", "each level off and on", levels},
      {"experts",
       "number of experts of the semantic and the instance level",
       {with_one_expert(), with_experts("experts", 2), with_experts("experts", 4), with_experts("experts", 8),
        with_experts("experts", 16)}},
      {"gate",
       "sparse with noise, sparse, or dense",
       {with_experts("gate", "noisy_top_k"), with_experts("gate", "top_k"), with_experts("gate", "dense")}},
      {"top_k", "experts used for each face", {with_experts("top_k", 1), with_experts("top_k", 2), with_experts("top_k", 4)}},
      {"fusion",
       "how the experts' outputs are joined",
       {with_experts("fusion", "weighted_sum"), with_experts("fusion", "log_sum_exp")}},
      {"expert", "kind of expert", {with_experts("expert", "linear"), with_experts("expert", "residual")}},
      {"weight",
       "shape of a face's weight",
       {with_category("weight", "linear"), with_category("weight", "convex"), with_category("weight", "concave")}},
      {"mass",
       "cumulative threshold: probability that the positive classes gather",
       {with_category("mass", 0.7), with_category("mass", 0.8), with_category("mass", 0.9), with_category("mass", 0.95)}},
      {"recipe", "each choice of the recipe as the paper has it", without_each_choice()},
      {"method", "as the paper describes it, or as the authors' code runs", {with_method("paper"), with_method("reference")}},
  };
  for (auto& study : all) {
    for (auto& variant : study.variants) variant.study = study.name;
  }
  return all;
}

}  // namespace

const std::vector<Study>& studies() {
  static const auto kStudies = make_studies();
  return kStudies;
}

std::vector<std::string> study_names() {
  std::vector<std::string> names;
  for (const auto& study : studies()) names.push_back(study.name);
  return names;
}

std::vector<Variant> ablation(std::string_view names) {
  const auto known = study_names();
  const auto wanted = trim(names).empty() ? known : split_words(names, ',');
  std::vector<Variant> variants;
  for (const auto& name : wanted) {
    const Study* found = nullptr;
    for (const auto& study : studies()) found = study.name == name ? &study : found;
    if (found == nullptr)
      fail_usage("--ablation: unknown study \"{}\"{}; known: {}", printable(name), did_you_mean(name, known), join(known));
    if (std::count(wanted.begin(), wanted.end(), name) > 1) fail_usage("--ablation names {} twice; name it once", name);
    variants.insert(variants.end(), found->variants.begin(), found->variants.end());
  }
  return variants;
}

}  // namespace leaf
