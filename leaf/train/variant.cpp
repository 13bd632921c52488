#include "leaf/train/variant.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/backbone.h"
#include "leaf/model/head.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/session.h"

namespace leaf {
namespace {

const std::vector<std::string> kLevels = {"semantic", "instance", "category"};

/// The options of `given` that the algorithm has.
Json own_options(const std::string& algorithm, const Json& given) {
  const auto defaults = resolve_options(algorithm, Json::object(), Json::object());
  Json own = Json::object();
  for (const auto& [key, value] : given.items()) {
    if (defaults.contains(key)) own[key] = value;
  }
  return own;
}

/// Makes the parts that check their options, small ones: what they refuse should be known before any training.
void check(const Config& config) {
  backbones().at(config.model.backbone);
  constexpr int64_t kWidth = 8, kClasses = 8;
  ExpressionHead(kWidth, kClasses, config.model);
}

}  // namespace

std::string Variant::name() const {
  const bool has[] = {semantic, instance, category};
  const auto count = std::count(std::begin(has), std::end(has), true);
  std::string name = algorithm;
  if (algorithms().at(algorithm).description.brings_levels() ? count == 0 : count == 3) {
    name += count == 0 ? "+none" : "+levels";
  } else if (count < 3) {
    for (size_t i = 0; i < kLevels.size(); ++i) name += has[i] ? "+" + kLevels[i] : "";
  }
  return change.empty() ? name : name + " " + change;
}

Variant Variant::plain() const {
  return {.algorithm = algorithm, .semantic = semantic, .instance = instance, .category = category};
}

Config Variant::apply(Config config) const {
  config.algorithm = algorithm;
  if (!method.empty()) {
    config.apply_method(method);
    config.train.recipe = "published";
    for (const auto& [key, value] : config.method_options.items()) config.algorithm_options.erase(key);
  }
  config.set("model.semantic.enabled", Json(semantic));
  config.set("model.instance.enabled", Json(instance));
  config.set("category.enabled", Json(category));
  for (const auto& [key, value] : settings) config.set(key, value, name());
  config.algorithm_options = own_options(algorithm, config.algorithm_options);
  try {
    config = resolved(std::move(config));
    check(config);
  } catch (const UsageError& error) {
    fail_usage("{}: {}", name(), error.what());
  }
  return config;
}

Variant parse_variant(std::string_view text) {
  const auto words = split_words(trim(text), '+');
  Variant variant{.algorithm = words.front()};
  check_supervision(variant.algorithm, false);
  bool* const levels[] = {&variant.semantic, &variant.instance, &variant.category};
  const auto set_all = [&](bool used) {
    for (bool* level : levels) *level = used;
  };
  if (words.size() == 1) set_all(algorithms().at(variant.algorithm).description.brings_levels());
  for (size_t i = 1; i < words.size(); ++i) {
    const auto level = std::find(kLevels.begin(), kLevels.end(), words[i]);
    if (level != kLevels.end()) {
      *levels[level - kLevels.begin()] = true;
    } else if (words.size() == 2 && (words[i] == "levels" || words[i] == "none")) {
      set_all(words[i] == "levels");
    } else if (words[i] == "levels" || words[i] == "none") {
      fail_usage("\"{}\": \"{}\" stands alone behind the algorithm, as in {}+{}", printable(text), words[i], variant.algorithm,
                 words[i]);
    } else {
      auto known = kLevels;
      known.insert(known.end(), {"levels", "none"});
      fail_usage("\"{}\": unknown level \"{}\"{}; known: {}", printable(text), printable(words[i]), did_you_mean(words[i], known),
                 join(known));
    }
  }
  return variant;
}

std::vector<Variant> parse_variants(std::string_view text) {
  std::vector<Variant> variants;
  for (const auto& word : split_words(text, ',')) {
    variants.push_back(parse_variant(word));
    const auto name = variants.back().name();
    const auto same = [&](const Variant& other) { return other.name() == name; };
    if (std::count_if(variants.begin(), variants.end(), same) > 1) fail_usage("--algorithms names {} twice; name it once", name);
  }
  return variants;
}

}  // namespace leaf
