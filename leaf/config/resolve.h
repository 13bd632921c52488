#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "leaf/config/config.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {

/// A configuration in which nothing is open but what is left to the machine: every option has its value, the parts go together,
/// and all of the algorithm's own options are there. Only resolve() makes one.
class ResolvedConfig {
 public:
  const Config& operator*() const { return config_; }
  const Config* operator->() const { return &config_; }
  /// What the algorithm says of itself.
  const Description& description() const { return algorithms().at(config_.algorithm).description; }

 private:
  friend ResolvedConfig resolve(Config request);
  friend class LocalConfig on_this_machine(ResolvedConfig config);
  friend ResolvedConfig with_threads(ResolvedConfig config, int64_t threads);
  friend ResolvedConfig with_weights(ResolvedConfig config, const std::string& weights);
  friend ResolvedConfig with_encoder(ResolvedConfig config, const std::string& backbone, const std::string& stem);
  explicit ResolvedConfig(Config config) : config_(std::move(config)) {}

  Config config_;
};

/// The same with what was left to the machine: this alone opens a session, and is what a run writes down. Only on_this_machine()
/// makes one.
class LocalConfig : public ResolvedConfig {
 private:
  friend LocalConfig on_this_machine(ResolvedConfig config);
  explicit LocalConfig(ResolvedConfig config) : ResolvedConfig(std::move(config)) {}
};

/// A request that begins with what a method stands for: "paper" or "reference" with every option as published; "" is the paper's
/// method with the recipe that suits the start.
Config request_by(const std::string& method);

/// Closes a request. An option that nobody set has its value from, in this order: the recipe (recipe.h), the algorithm
/// (Description::presets), the method (method.h), its own default. Then what follows from others: train.steps from train.views,
/// train.labeled_steps and optimizer.warm_up by the recipe, model.class_shift from imbalance.shares. What is left to the machine
/// (device, threads, precision) or to a file (the backbone of weights) stays open, so that the outcome is the same everywhere.
/// Throws UsageError for an unknown algorithm, backbone or option, and for parts that do not go together.
ResolvedConfig resolve(Config request);

/// Chooses train.device, train.threads (all that this process may use, where 0) and model.precision; sums depend on all three.
/// Throws Error where CUDA is asked for and is not there.
LocalConfig on_this_machine(ResolvedConfig config);

/// The same with so many threads where their number is open.
ResolvedConfig with_threads(ResolvedConfig config, int64_t threads);

/// The same with weights to begin with, which were announced (Config::weights_follow).
ResolvedConfig with_weights(ResolvedConfig config, const std::string& weights);

/// The same with the encoder that weights are of; `stem` is "" where they do not say.
ResolvedConfig with_encoder(ResolvedConfig config, const std::string& backbone, const std::string& stem);

}  // namespace leaf
