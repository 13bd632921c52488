#include "leaf/config/config.h"

namespace leaf {
namespace {

constexpr std::string_view kAlgorithmPrefix = "algorithm.", kAlgorithmName = "algorithm.name";

/// All options but the algorithm's own.
Options options_of(Config& config) {
  Options options;
  describe(options, config);
  return options;
}

struct Level {
  std::string_view name, option;
  bool (*is_on)(const Config&);
};

constexpr Level kLevels[] = {
    {"semantic", "model.semantic.enabled", [](const Config& config) { return config.model.semantic.enabled; }},
    {"instance", "model.instance.enabled", [](const Config& config) { return config.model.instance.enabled; }},
    {"category", "category.enabled", [](const Config& config) { return config.category.enabled; }},
};

const Level& level_named(std::string_view name) {
  for (const auto& level : kLevels) {
    if (level.name == name) return level;
  }
  not_allowed("level", std::string(name));
}

}  // namespace

void describe(Options& options, Config& config) {
  describe(options, config.data);
  describe(options, config.views);
  describe(options, config.model);
  describe(options, config.category);
  describe(options, config.imbalance);
  describe(options, config.outliers);
  describe(options, config.teacher);
  describe(options, config.train);
  describe(options, config.optimizer);
  describe(options, config.average);
  options.enter("algorithm");
  options.add("name", config.algorithm, "semi-supervised algorithm, see `leaf algorithms`");
  options.leave();
}

std::string_view own_option(std::string_view key) {
  const bool own = key.starts_with(kAlgorithmPrefix) && key != kAlgorithmName;
  return own ? key.substr(kAlgorithmPrefix.size()) : "";
}

void Config::set(std::string_view key, const Json& value, std::string_view where) {
  if (const auto own = own_option(key); !own.empty()) {
    algorithm_options[std::string(own)] = value;
    return;
  }
  options_of(*this).set(key, value, where);
  given.emplace(key);
}

void Config::set(std::string_view key, std::string_view text, std::string_view where) {
  if (!own_option(key).empty()) return set(key, Json(std::string(text)), where);
  options_of(*this).set(key, text, where);
  given.emplace(key);
}

void Config::read_toml(std::string_view text, std::string_view name) {
  for_each_leaf(parse_toml(text, name), [&](const std::string& key, const Json& value) { set(key, value, name); });
}

void Config::preset(std::string_view key, const Json& value) {
  if (!given.contains(std::string(key))) options_of(*this).set(key, value);
}

std::string Config::to_toml(bool comments) const {
  auto copy = *this;  // describing needs fields that can be changed
  auto text = options_of(copy).to_toml(comments);
  for (const auto& [key, value] : algorithm_options.items()) text += fmt::format("{} = {}\n", key, value.dump());
  return text;
}

Json Config::to_json() const {
  auto copy = *this;
  auto result = options_of(copy).to_json();
  for (const auto& [key, value] : algorithm_options.items()) result["algorithm"][key] = value;
  return result;
}

const std::vector<std::string>& level_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& level : kLevels) names.emplace_back(level.name);
    return names;
  }();
  return kNames;
}

std::string level_option(std::string_view level) { return std::string(level_named(level).option); }

bool has_level(const Config& config, std::string_view level) { return level_named(level).is_on(config); }

std::string difference(const Config& found, const Config& wanted) {
  std::set<std::string> ignored = {"data.cache", "views.workers"};
  if (wanted.train.threads == 0) ignored.insert("train.threads");
  if (wanted.train.device == "auto") ignored.insert("train.device");
  if (wanted.model.precision == "auto") ignored.insert("model.precision");
  for (const auto* key : {"model.backbone", "model.stem"}) {  // they follow the weights
    if (!wanted.model.weights.empty() && !wanted.given.contains(key)) ignored.insert(key);
  }
  const auto first = first_difference(found.to_json(), wanted.to_json(), ignored);
  if (!first) return "";
  if (first->found.is_null()) return fmt::format("no {}, not {}", first->key, first->wanted.dump());
  return fmt::format("{} = {}, not {}", first->key, first->found.dump(), first->wanted.dump());
}

}  // namespace leaf
