#include "leaf/compare/variant.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/config/method.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {
namespace {

/// The options of `given` that the algorithm has.
Json own_options(const std::string& algorithm, const Json& given) {
  const auto known = resolve_options(algorithm, Json::object(), Json::object());
  Json own = Json::object();
  for (const auto& [key, value] : given.items()) {
    if (known.contains(key)) own[key] = value;
  }
  return own;
}

/// The published method with each of its presets, whoever set these options.
void force_method(const std::string& method, Config& config) {
  config.method = method;
  config.train.recipe = "published";
  for (const auto& [key, value] : method_presets(method).items()) {
    const std::string own(own_option(key));
    own.empty() ? config.given.erase(key) : config.algorithm_options.erase(own);
  }
}

}  // namespace

std::string Variant::name() const {
  const bool none = levels.empty(), all = levels.size() == level_names().size();
  std::string name = algorithm;
  if (algorithms().at(algorithm).description.brings_levels() ? none : all) {
    name += none ? "+none" : "+levels";
  } else if (!all) {
    for (const auto& level : level_names()) name += levels.contains(level) ? "+" + level : "";
  }
  return change.empty() ? name : name + " " + change;
}

Variant Variant::plain() const { return {.algorithm = algorithm, .levels = levels}; }

ResolvedConfig Variant::apply(Config config) const {
  config.algorithm = algorithm;
  if (!method.empty()) force_method(method, config);
  for (const auto& level : level_names()) config.set(level_option(level), Json(levels.contains(level)));
  for (const auto& [key, value] : options) config.set(key, value, name());
  config.algorithm_options = own_options(algorithm, config.algorithm_options);
  try {
    return resolve(std::move(config));
  } catch (const UsageError& error) {
    fail_usage("{}: {}", name(), error.what());
  }
}

Variant variant_of(const Config& config) {
  Variant variant{.algorithm = config.algorithm};
  for (const auto& level : level_names()) {
    if (has_level(config, level)) variant.levels.insert(level);
  }
  return variant;
}

Variant parse_variant(std::string_view text) {
  const auto words = split_words(trim(text), '+');
  Variant variant{.algorithm = words.front()};
  check_supervision(variant.algorithm, false);
  const auto& known = level_names();
  const std::set<std::string> all(known.begin(), known.end());
  if (words.size() == 1 && algorithms().at(variant.algorithm).description.brings_levels()) variant.levels = all;
  for (size_t i = 1; i < words.size(); ++i) {
    const auto& word = words[i];
    const bool every_or_none = word == "levels" || word == "none";
    if (all.contains(word)) {
      variant.levels.insert(word);
    } else if (every_or_none && words.size() == 2) {
      if (word == "levels") variant.levels = all;
    } else if (every_or_none) {
      fail_usage("\"{}\": \"{}\" stands alone behind the algorithm, as in {}+{}", printable(text), word, variant.algorithm, word);
    } else {
      auto words_known = known;
      words_known.insert(words_known.end(), {"levels", "none"});
      fail_usage("\"{}\": unknown level \"{}\"{}; known: {}", printable(text), printable(word), did_you_mean(word, words_known),
                 join(words_known));
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
