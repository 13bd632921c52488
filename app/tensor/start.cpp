#include "app/tensor/start.h"

#include <fmt/format.h>

#include "app/tensor/fetched_weights.h"
#include "leaf/recognize/model_file.h"
#include "leaf/ssl/algorithms.h"

namespace leaf::app {
namespace {

constexpr int64_t kExpressionSize = 112, kDlibSize = 80;  ///< pixels
constexpr double kDlibRate = 3e-4;                        ///< it has no normalization, and falls apart at the recipe's rate
/// Options that say what a run begins with, or that go with one kind of network.
constexpr const char* kChosen[] = {"model.weights", "teacher.model", "model.backbone", "model.stem", "train.recipe"};

/// Sets an option unless somebody did; the recipe does not change it.
void choose(Config& config, const std::string& key, const Json& value) {
  if (!config.given.contains(key)) config.set(key, value);
}

}  // namespace

void recognize_start(Config& config) {
  const auto& weights = config.model.weights;
  if (weights.empty() || config.train.recipe != "auto" || !std::filesystem::exists(weights)) return;
  const auto head = model_options(weights);
  if (head && !head->unit_length) config.train.recipe = "continued";
}

void choose_start(Config& config, Observer& observer) {
  if (config.train.recipe != "auto" || config.weights_follow) return;
  const auto& about = algorithms().at(config.algorithm).description;
  for (const auto* key : kChosen) {
    if (config.given.contains(key)) return;
  }
  const FetchedWeights fetched;
  const auto expression = fetched.expression().string(), dlib = fetched.dlib().string(), drawn = fetched.drawn().string();
  const auto there = [&](const std::string& path) { return !fetched.folder().empty() && std::filesystem::exists(path); };
  if (there(expression)) {
    config.model.weights = expression;
    const bool taught = about.views.unlabeled() > 0;  // labels alone need no unlabeled face to learn a teacher's word of
    if (taught) config.teacher.model = expression;
    config.train.recipe = "continued";
    choose(config, "views.size", kExpressionSize);
    return observer.on_note(fmt::format(
        "start: {}, which knows seven expressions already, as beginning{}: the labels correct it (fetched by scripts/weights; "
        "--recipe scratch begins with random numbers)",
        expression, taught ? " and as teacher" : ""));
  }
  if (there(dlib)) {
    config.model.weights = dlib;
    choose(config, "views.size", kDlibSize);
    choose(config, "optimizer.learning_rate", kDlibRate);
    return observer.on_note(
        fmt::format("start: {}, an encoder that learned to tell three million faces apart (fetched by "
                    "scripts/weights; --recipe scratch begins with random numbers)",
                    dlib));
  }
  if (there(drawn)) {
    config.model.weights = drawn;
    return observer.on_note(
        fmt::format("start: {}, learned from drawn faces (--recipe scratch begins with random numbers)", drawn));
  }
  observer.on_note(
      "start: random numbers, since nothing better is at hand; scripts/weights fetches a model of expressions to begin with, "
      "which few labels make better than many labels make this");
}

}  // namespace leaf::app
