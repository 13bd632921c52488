#include "leaf/train/config.h"

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

constexpr std::string_view kAlgorithmPrefix = "algorithm.";

/// The ten differences between the paper and its published code, and what follows from them (spec, section 1).
const Json& method_switches(std::string_view method) {
  static const Json kPaper = {
      {"model.semantic.shared", false},
      {"model.instance.shared", false},
      {"model.semantic.top_k", 2},
      {"model.instance.top_k", 2},
      {"model.semantic.fusion", "weighted_sum"},
      {"model.instance.fusion", "weighted_sum"},
      {"model.instance_on", "predictions"},
      {"train.passes", "joint"},
      {"average.decay_buffers", false},
      {"average.repeat_shared", false},
      {"train.gate_balance", 1.0},
      {"algorithm.mask", "face"},
      {"algorithm.thresholds", "clean"},
  };
  static const Json kReference = {
      {"model.semantic.shared", true},
      {"model.instance.shared", true},
      {"model.semantic.top_k", 1},
      {"model.instance.top_k", 1},
      {"model.semantic.fusion", "log_sum_exp"},
      {"model.instance.fusion", "log_sum_exp"},
      {"model.instance_on", "features"},
      {"train.passes", "separate"},
      {"average.decay_buffers", true},
      {"average.repeat_shared", true},
      {"train.gate_balance", 0.0},
      {"algorithm.mask", "batch"},
      {"algorithm.thresholds", "loader"},
  };
  if (method == "paper") return kPaper;
  if (method == "reference") return kReference;
  fail_usage("unknown method \"{}\"{}; known: paper, reference", printable(method), did_you_mean(method, {"paper", "reference"}));
}

bool is_own(std::string_view key) { return key.starts_with(kAlgorithmPrefix) && key != "algorithm.name"; }

void set_field(Config& config, std::string_view key, const Json& value) {
  Options options;
  describe(options, config);
  options.set(key, value);
}

}  // namespace

void describe(Options& options, Config& config) {
  describe(options, config.data);
  describe(options, config.views);
  describe(options, config.model);
  describe(options, config.category);
  describe(options, config.imbalance);
  describe(options, config.outliers);
  describe(options, config.train);
  describe(options, config.optimizer);
  describe(options, config.average);
  options.enter("algorithm");
  options.add("name", config.algorithm, "semi-supervised algorithm, see `leaf algorithms`");
  options.leave();
}

void Config::set(std::string_view key, const Json& value, std::string_view where) {
  if (is_own(key)) {
    algorithm_options[std::string(key.substr(kAlgorithmPrefix.size()))] = value;
    return;
  }
  Options options;
  describe(options, *this);
  options.set(key, value, where);
  given.emplace(key);
}

void Config::set(std::string_view key, std::string_view text, std::string_view where) {
  if (is_own(key)) return set(key, Json(std::string(text)), where);
  Options options;
  describe(options, *this);
  options.set(key, text, where);
  given.emplace(key);
}

void Config::read_toml(std::string_view text, std::string_view name) {
  for_each_leaf(parse_toml(text, name), [&](const std::string& key, const Json& value) { set(key, value, name); });
}

void Config::apply_method(std::string_view method) {
  for (const auto& [key, value] : method_switches(method).items()) {
    if (is_own(key)) {
      method_options[key.substr(kAlgorithmPrefix.size())] = value;
    } else {
      set_field(*this, key, value);
    }
  }
}

void Config::apply_presets(const Json& presets) {
  for (const auto& [key, value] : presets.items()) {
    if (is_own(key)) {
      method_options[key.substr(kAlgorithmPrefix.size())] = value;
    } else if (!given.contains(key)) {
      set_field(*this, key, value);
    }
  }
}

std::string Config::to_toml(bool comments) {
  Options options;
  describe(options, *this);
  auto text = options.to_toml(comments);
  for (const auto& [key, value] : algorithm_options.items()) text += fmt::format("{} = {}\n", key, value.dump());
  return text;
}

Json Config::to_json() {
  Options options;
  describe(options, *this);
  auto result = options.to_json();
  for (const auto& [key, value] : algorithm_options.items()) result["algorithm"][key] = value;
  return result;
}

std::string difference(Config found, Config wanted) {
  std::set<std::string> ignored = {"data.cache", "views.workers"};
  if (wanted.train.threads == 0) ignored.insert("train.threads");
  if (wanted.train.device == "auto") ignored.insert("train.device");
  for (const auto* key : {"model.backbone", "model.stem"}) {  // they follow the weights
    if (!wanted.model.weights.empty() && !wanted.given.contains(key)) ignored.insert(key);
  }
  const auto first = first_difference(found.to_json(), wanted.to_json(), ignored);
  if (!first) return "";
  if (first->found.is_null()) return fmt::format("no {}, not {}", first->key, first->wanted.dump());
  return fmt::format("{} = {}, not {}", first->key, first->found.dump(), first->wanted.dump());
}

}  // namespace leaf
