#include "leaf/ssl/algorithms.h"

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {

Json Description::without_levels() {
  return {{"model.semantic.enabled", false}, {"model.instance.enabled", false}, {"category.enabled", false}};
}

Json Description::plain_network() {
  auto presets = without_levels();
  presets["model.unit_length"] = false;
  presets["model.dropout"] = 0.0;
  return presets;
}

Json Description::separate_passes() {
  auto presets = plain_network();
  presets["train.passes"] = "separate";
  return presets;
}

Json Description::pretraining() {
  auto presets = plain_network();
  presets["train.labeled_batch"] = 0;
  presets["train.unlabeled_batch"] = 256;
  presets["train.steps"] = 4000;
  // Gone are the operations after which a face of 48 pixels has lost its expression: gray levels that fold over, and shifts that
  // push the mouth out of the picture.
  presets["views.exclude"] = "Posterize,Solarize,TranslateX,TranslateY";
  presets["views.operations"] = 2;
  presets["views.cutout"] = false;
  presets["views.strong_crop"] = 0.5;
  presets["optimizer.kind"] = "adamw";
  presets["optimizer.learning_rate"] = 2e-3;
  presets["optimizer.weight_decay"] = 0.02;
  presets["optimizer.decay_norm_and_bias"] = false;
  presets["optimizer.schedule"] = "half_cosine";
  presets["optimizer.warm_up"] = 50;
  presets["average.decay"] = 0.99;
  presets["average.weight_decay"] = 0.0;
  return presets;
}

Registry<AlgorithmEntry>& algorithms() {
  static Registry<AlgorithmEntry> registry("algorithm");
  return registry;
}

namespace {

const std::string kPrefix = "algorithm.";  ///< of the keys of an algorithm's own options

void set_all(Options& options, const Json& given) {
  for (const auto& [key, value] : given.items()) {
    const auto full = kPrefix + key;
    value.is_string() ? options.set(full, std::string_view(value.get_ref<const std::string&>())) : options.set(full, value);
  }
}

}  // namespace

std::shared_ptr<Algorithm> make_algorithm(const std::string& name, const AlgorithmContext& given, const Json& options) {
  const auto& entry = algorithms().at(name);
  auto context = given;
  context.views = entry.description.views;
  check_combination(name, context.category, context.imbalance, context.outliers);
  if (context.category.enabled && context.classes < context.category.max_positive + 1) {
    fail_usage(
        "the category level ranks up to {} positive classes above a negative one and so needs at least {} classes, found {}; "
        "lower category.max_positive or leave the level out with --levels semantic,instance",
        context.category.max_positive, context.category.max_positive + 1, context.classes);
  }
  return entry.visit([&](Options& own) { set_all(own, options); }, &context);
}

std::vector<std::string> algorithm_names(bool self_supervised) {
  auto names = algorithms().names();
  std::erase_if(names,
                [&](const std::string& name) { return algorithms().at(name).description.self_supervised != self_supervised; });
  return names;
}

void check_supervision(const std::string& name, bool self_supervised) {
  if (algorithms().at(name).description.self_supervised == self_supervised) return;
  if (!self_supervised) fail_usage("{} learns without labels: use leaf pretrain SOURCE --algorithm {}", name, name);
  fail_usage("{} learns from labels: use leaf train SOURCE --algorithm {}; pretraining has {}", name, name,
             join(algorithm_names(true)));
}

void check_combination(const std::string& name, const CategoryOptions& category, const ImbalanceOptions& imbalance,
                       const OutlierOptions& outliers) {
  const auto& about = algorithms().at(name).description;
  if (about.self_supervised &&
      (imbalance.sampling != "none" || imbalance.logit_adjustment != 0 || imbalance.alignment != "none")) {
    fail_usage("imbalance.… has no place in {}: it uses no labels; leave it at none", name);
  }
  if (category.enabled && about.category.empty()) {
    fail_usage(
        "the category level has no place in {}: {}; leave it out: --levels semantic,instance or none (in leaf bench "
        "{}+semantic+instance)",
        name, about.no_category, name);
  }
  const bool aligns = imbalance.alignment != "none", rejects = outliers.reject != "none";
  if (aligns && about.aligns)
    fail_usage("imbalance.alignment has no place in {}: it aligns distributions by itself; leave it at none", name);
  if (imbalance.alignment == "uniform" && imbalance.shares == "unlabeled")
    fail_usage(
        "imbalance.alignment = uniform makes beliefs even, imbalance.shares = unlabeled makes the model expect what it estimates "
        "of "
        "unlabeled faces; set imbalance.shares to labeled, or imbalance.alignment to labeled, which then follows the estimate");
  if (!aligns && !rejects) return;
  if (about.views.unlabeled() > 0) return;
  fail_usage("{} has no place in {}: it uses no unlabeled faces; leave it at none",
             aligns ? "imbalance.alignment" : "outliers.reject", name);
}

Json resolve_options(const std::string& algorithm, const Json& presets, const Json& given) {
  Json all = Json::object();
  algorithms().at(algorithm).visit(
      [&](Options& own) {
        Json known = Json::object();
        for (const auto& option : own.all()) {
          const auto key = option.key.substr(kPrefix.size());
          if (presets.contains(key)) known[key] = presets.at(key);
        }
        set_all(own, known);
        set_all(own, given);
        for (const auto& option : own.all()) all[option.key.substr(kPrefix.size())] = value_of(option);
      },
      nullptr);
  return all;
}

bool has_option(const std::string& algorithm, const std::string& option) {
  return resolve_options(algorithm, Json::object(), Json::object()).contains(option);
}

std::string options_help(const std::string& algorithm) {
  std::string text;
  algorithms().at(algorithm).visit([&](Options& own) { text = own.to_toml(); }, nullptr);
  return text;
}

namespace {

/// An algorithm with its default options in the smallest context that every one can be made for.
std::shared_ptr<Algorithm> smallest(const std::string& algorithm) {
  AlgorithmContext context;
  context.classes = 2;
  context.features = 1;
  context.map = {1, 1, 1};
  context.labeled_faces = context.unlabeled_faces = context.labeled_batch = context.unlabeled_batch = context.steps = 1;
  context.prior = {0.5, 0.5};
  context.labels = {0};
  context.category.enabled = false;
  return algorithms().at(algorithm).visit([](Options&) {}, &context);
}

}  // namespace

std::vector<std::string> state_names(const std::string& algorithm) {
  const auto made = smallest(algorithm);
  std::vector<std::string> names;
  for (const auto& buffer : made->named_buffers()) names.push_back(buffer.key());
  for (const auto& parameter : made->named_parameters()) names.push_back(parameter.key());
  return names;
}

}  // namespace leaf
