#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "leaf/base/options.h"
#include "leaf/base/registry.h"
#include "leaf/data/batch.h"
#include "leaf/model/model.h"
#include "leaf/ssl/objective.h"
#include "leaf/ssl/options.h"

namespace leaf {

/// What an algorithm may know of the run it serves.
struct Setting {
  int64_t classes = 0;         ///< C
  int64_t features = 0;        ///< D, width of the encoder
  int64_t labeled_faces = 0;   ///< in the labeled pool
  int64_t unlabeled_faces = 0; ///< in the unlabeled pool
  int64_t steps = 0;           ///< length of the run
  std::vector<double> prior;   ///< [C] share of each class among the labeled faces
  bool joint_passes = true;    ///< one forward pass over all views of a step
  CategoryOptions category;    ///< the category level
};

/// What the moving average says of the labeled pool after an epoch.
struct Predictions {
  torch::Tensor logits;  ///< [n, C]
  torch::Tensor labels;  ///< [n] int64
};

/// A semi-supervised algorithm: it reads a batch and states a loss. It never sees the optimizer. What it remembers from step
/// to step is a registered buffer, so that checkpoints, devices and resuming need no code.
class Algorithm : public torch::nn::Module {
 public:
  explicit Algorithm(Setting setting) : setting_(std::move(setting)) {}

  /// The views of a face that `objective` reads.
  virtual ViewCount views() const = 0;

  /// The loss of one step, with gradients towards the model's parameters.
  virtual Objective objective(Model& model, const Batch& batch) = 0;

  /// Once an epoch (from 1), with the labeled pool's predictions.
  virtual void adapt(const Predictions& /*labeled*/, int64_t /*epoch*/) {}

  /// Whether `adapt` wants the labeled faces as the training loader gives them (augmented, shuffled, the last part cut off:
  /// the authors' code) instead of the plain faces.
  virtual bool adapts_on_views() const { return false; }

  /// One confidence threshold a class [C], when the algorithm has such; for display.
  virtual torch::Tensor thresholds() const { return {}; }

 protected:
  /// One forward pass over all views, or one for each, as the run's setting says.
  std::vector<Output> forward(Model& model, const std::vector<torch::Tensor>& views) const;

  const Setting setting_;
};

/// An algorithm as it is listed and made.
struct AlgorithmEntry {
  std::string title;     ///< "FixMatch: …"
  std::string citation;  ///< authors, venue, arXiv number
  /// The algorithm's own options with their defaults.
  std::function<Json()> defaults;
  std::function<std::string()> help;  ///< TOML with comments
  /// Throws UsageError for an option that it does not have.
  std::function<std::shared_ptr<Algorithm>(const Setting&, const Json& options)> make;
  /// All options, the given ones checked and set.
  std::function<Json(const Json& options)> resolve;
};

/// The experts' balance loss of a step, a scalar: the mean over its passes (the parts of a joint pass share one).
torch::Tensor mean_balance(const std::vector<Output>& outputs);

Registry<AlgorithmEntry>& algorithms();

/// All options of an algorithm: its defaults, then the presets it has an option for, then the given ones. Throws UsageError.
Json resolve_options(const std::string& algorithm, const Json& presets, const Json& given);

/// The entry of a class A(Setting, A::Options) with `describe(Options&, A::Options&)`.
template <typename A>
AlgorithmEntry algorithm_entry(std::string title, std::string citation) {
  const auto read = [](const Json& given) {
    typename A::OwnOptions own;
    Options options;
    options.enter("algorithm");
    describe(options, own);
    options.leave();
    for (const auto& [key, value] : given.items()) {
      const auto full = "algorithm." + key;
      value.is_string() ? options.set(full, std::string_view(value.template get_ref<const std::string&>())) : options.set(full, value);
    }
    Json all = Json::object();
    for (const auto& option : options.all()) all[option.key.substr(sizeof("algorithm"))] = value_of(option);
    return std::pair(own, all);
  };
  AlgorithmEntry entry;
  entry.title = std::move(title);
  entry.citation = std::move(citation);
  entry.resolve = [read](const Json& given) { return read(given).second; };
  entry.defaults = [read] { return read(Json::object()).second; };
  entry.help = [] {
    typename A::OwnOptions own;
    Options options;
    options.enter("algorithm");
    describe(options, own);
    options.leave();
    return options.to_toml();
  };
  entry.make = [read](const Setting& setting, const Json& given) -> std::shared_ptr<Algorithm> {
    return std::make_shared<A>(setting, read(given).first);
  };
  return entry;
}

}  // namespace leaf
