#include "leaf/config/resolve.h"

#include <torch/cuda.h>

#include <algorithm>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/processor.h"
#include "leaf/config/method.h"
#include "leaf/config/recipe.h"
#include "leaf/data/reader.h"
#include "leaf/model/backbone.h"
#include "leaf/model/head.h"
#include "leaf/model/precision.h"
#include "leaf/views/rand_augment.h"

namespace leaf {
namespace {

constexpr double kLabeledShare = 0.15;  ///< share of the views that are seen before any unlabeled face
constexpr double kLabeledPasses = 30;   ///< at most so many passes over the labeled faces: then they are known by heart
constexpr double kMeasuredShare = 0.1;  ///< of the labels, see resolve_validation()
constexpr double kWarmUp = 0.05;        ///< share of the steps

/// Gives the options of the run their values of `presets`, and adds those of the algorithm to `own`.
void apply(const Json& presets, Config& config, Json& own) {
  for (const auto& [key, value] : presets.items()) {
    if (const auto name = own_option(key); !name.empty()) {
      own[std::string(name)] = value;
    } else {
      config.preset(key, value);
    }
  }
}

/// Views of a step with unlabeled faces.
int64_t views_of_step(const Config& config, const ViewCount& views) {
  return views.total(config.train.labeled_batch, config.train.unlabeled_batch);
}

/// Views of one of the first steps, which have no unlabeled faces but those that a teacher teaches.
int64_t views_of_first_step(const Config& config) {
  return config.train.labeled_batch + (config.teacher.model.empty() ? 0 : config.teacher.batch);
}

/// Steps with labeled faces alone that take their share of all views; none for an algorithm that has no others.
int64_t labeled_steps(const Config& config, const ViewCount& views) {
  const auto& train = config.train;
  const bool taught = !config.teacher.model.empty();
  const double share = taught ? config.teacher.first : kLabeledShare;
  const auto labeled = static_cast<double>(views_of_first_step(config)),
             whole = static_cast<double>(views_of_step(config, views));
  if (views.unlabeled() == 0 && !taught) return 0;
  const double steps = train.views > 0
                           ? share * static_cast<double>(train.views) / labeled
                           : static_cast<double>(train.steps) * share * whole / (labeled * (1 - share) + share * whole);
  if (taught) return static_cast<int64_t>(steps);
  const auto& data = config.data;
  const bool counted = data.labels >= 1 && data.split != "fraction";  // else nobody knows yet how many there are
  return static_cast<int64_t>(counted ? std::min(steps, kLabeledPasses * data.labels * (1 - data.validation) / labeled) : steps);
}

/// The steps that train.views means, where it is set.
void set_steps(Config& config, const ViewCount& views) {
  auto& train = config.train;
  if (train.views == 0) return;
  const int64_t a_step = views_of_step(config, views), first = train.labeled_steps * views_of_first_step(config);
  if (train.views < first + a_step) {
    fail_usage("train.views is {}, but one step of {} takes {}{}", train.views, config.algorithm, a_step,
               first > 0 ? fmt::format(" and train.labeled_steps before it {}", first) : "");
  }
  const int64_t steps = train.labeled_steps + (train.views - first) / a_step;
  if (config.given.contains("train.steps") && train.steps != steps) {
    fail_usage("train.views = {} means {} steps of {}, but train.steps is set to {}; leave one of them out", train.views, steps,
               config.algorithm, train.steps);
  }
  train.steps = steps;
}

/// How many steps there are, how many of them have labeled faces alone, and how many warm up.
void resolve_steps(Config& config, const ViewCount& views) {
  const bool published = config.train.recipe == "published";
  if (!published) config.preset("train.labeled_steps", labeled_steps(config, views));
  set_steps(config, views);
  const auto& train = config.train;
  if (train.labeled_steps >= train.steps && views_of_step(config, views) > train.labeled_batch) {
    fail_usage(
        "train.labeled_steps is {} of {} steps, so {} would see no unlabeled face; lower it, or train with --algorithm "
        "supervised",
        train.labeled_steps, train.steps, config.algorithm);
  }
  if (!published) config.preset("optimizer.warm_up", static_cast<int64_t>(kWarmUp * static_cast<double>(train.steps)));
}

/// Labels of faces as they come tell the class shares; evenly chosen ones do not.
bool chosen_evenly(const DataOptions& data) { return data.labels != 0 && data.split != "random" && data.split != "fraction"; }

/// Some labels are held back where something must be measured on faces that are not learned: how far is too far for an unlabeled
/// face; how good features are that no label made.
void resolve_validation(Config& config, bool self_supervised) {
  const bool measures = self_supervised || config.outliers.reject != "none";
  if (measures && config.data.validation_source.empty()) config.preset("data.validation", kMeasuredShare);
}

/// The model is shifted where the shares of the unlabeled faces are estimated, which a recipe does not do where the labels tell
/// them or even ones are asked for, or where its aim counts every class the same.
void resolve_class_shift(Config& config) {
  const auto& imbalance = config.imbalance;
  const bool told = config.train.recipe != "published" && !chosen_evenly(config.data);
  if (told || imbalance.alignment == "uniform") config.preset("imbalance.shares", "labeled");
  const bool shifts = imbalance.shares == "unlabeled" || imbalance.aim == "balanced";
  if (config.given.contains("model.class_shift") && config.model.class_shift != shifts) {
    fail_usage("model.class_shift follows imbalance.shares and imbalance.aim, which are {} and {}; leave it out",
               imbalance.shares, imbalance.aim);
  }
  config.model.class_shift = shifts;
}

/// Refuses what does not go with an algorithm that is self-supervised, or is not: labeled faces in a step of one that uses no
/// labels, or none in a step of another; fewer than two unlabeled ones; what needs labels; LEAF's levels, which would come
/// between encoder and loss.
void check_unlabeled(const Config& config, bool self_supervised) {
  const auto& train = config.train;
  if (self_supervised != (train.labeled_batch == 0)) {
    fail_usage("train.labeled_batch is {}, but {} takes {}", train.labeled_batch, config.algorithm,
               self_supervised ? "unlabeled faces alone; leave it out, or set it to 0" : "labeled faces; set it to at least 1");
  }
  if (!self_supervised) return;
  const std::pair<const char*, bool> without_place[] = {
      {"outliers.reject", config.outliers.reject != "none"}, {"train.labeled_steps", train.labeled_steps != 0},
      {"train.label_smoothing", train.label_smoothing != 0}, {"teacher.model", !config.teacher.model.empty()},
      {"imbalance.aim", config.imbalance.aim != "accuracy"}, {"imbalance.shares", config.imbalance.shares != "labeled"},
      {"views.labeled", config.views.labeled != "weak"}};
  for (const auto& [key, used] : without_place) {
    if (used) fail_usage("{} has no place in {}: it uses no labels; leave it out", key, config.algorithm);
  }
  if (config.model.semantic.enabled || config.model.instance.enabled) {
    fail_usage("{} trains the encoder alone; leave model.semantic.enabled and model.instance.enabled at false", config.algorithm);
  }
  if (train.unlabeled_batch < 2) {
    fail_usage("{} compares the faces of a step with each other and needs at least 2, not {}", config.algorithm,
               train.unlabeled_batch);
  }
}

/// Makes the parts of the network that check their options, small ones: what they refuse should be known before any training.
void check_network(const Config& config) {
  backbones().at(config.model.backbone);
  constexpr int64_t kWidth = 8, kClasses = 8;
  ExpressionHead(kWidth, kClasses, config.model);
}

std::string absolute_path(const std::string& path) {
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).string();  // without a slash behind it
}

/// Makes every path absolute, so that a run means the same files wherever it is continued.
void locate(Config& config) {
  auto& data = config.data;
  for (auto* source : {&data.source, &data.unlabeled, &data.test, &data.foreign}) *source = located(*source);
  if (data.validation_source != "part") data.validation_source = located(data.validation_source);
  for (auto* path : {&data.split_file, &data.cache, &config.model.weights, &config.teacher.model}) {
    if (!path->empty()) *path = absolute_path(*path);
  }
}

std::string device_of(const TrainOptions& train) {
  if (train.device == "cpu") return "cpu";
  if (torch::cuda::is_available()) return "cuda";
  if (train.device == "cuda") fail("train.device is cuda, but no CUDA device is usable here; use --device cpu or auto");
  return "cpu";
}

}  // namespace

Config request_by(const std::string& method) {
  Config config;
  config.method = method.empty() ? "paper" : method;
  if (method.empty()) config.train.recipe = "auto";
  return config;
}

ResolvedConfig resolve(Config config) {
  locate(config);
  const auto& about = algorithms().at(config.algorithm).description;
  auto own = Json::object();  // of the algorithm's options
  if (!config.method.empty()) apply(method_presets(config.method), config, own);
  apply(about.presets, config, own);
  config.train.recipe = recipe_name(config);
  for (const auto& choice : recipe_choices(config.train.recipe)) apply(choice.presets, config, own);
  resolve_validation(config, about.self_supervised);
  resolve_steps(config, about.views);
  resolve_class_shift(config);
  config.algorithm_options = resolve_options(config.algorithm, own, config.algorithm_options);
  check_combination(config.algorithm, config.category, config.imbalance, config.outliers);
  check_unlabeled(config, about.self_supervised);
  operations_without(config.views.exclude);
  check_network(config);
  return ResolvedConfig(std::move(config));
}

LocalConfig on_this_machine(ResolvedConfig config) {
  auto& train = config.config_.train;
  auto& model = config.config_.model;
  train.device = device_of(train);
  if (train.threads == 0) train.threads = available_processors();
  auto& views = config.config_.views;  // a GPU takes as many views as all threads make
  if (train.device == "cuda" && !config.config_.given.contains("views.workers"))
    views.workers = std::max(views.workers, train.threads);
  const auto device = train.device == "cuda" ? torch::kCUDA : torch::kCPU;
  model.precision = chosen_precision(model, device);
  if (!is_quick(model.precision, device)) {
    fail_usage(
        "model.precision is bfloat16, for which this processor has no instructions (its level is {}): a step would take thirty "
        "times as long; set model.precision to auto or float32",
        name_of(usable_instructions()));
  }
  return LocalConfig(std::move(config));
}

ResolvedConfig with_threads(ResolvedConfig config, int64_t threads) {
  if (config.config_.train.threads == 0) config.config_.train.threads = threads;
  return config;
}

ResolvedConfig with_weights(ResolvedConfig config, const std::string& weights) {
  config.config_.model.weights = absolute_path(weights);
  return config;
}

ResolvedConfig with_encoder(ResolvedConfig config, const std::string& backbone, const std::string& stem) {
  auto& model = config.config_.model;
  model.backbone = backbone;
  if (!stem.empty()) model.stem = stem;
  return config;
}

}  // namespace leaf
