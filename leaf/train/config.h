#pragma once

#include <set>
#include <string>
#include <string_view>

#include "leaf/data/options.h"
#include "leaf/model/options.h"
#include "leaf/ssl/options.h"
#include "leaf/train/optimizer_options.h"
#include "leaf/train/options.h"

namespace leaf {

/// Everything that a result depends on. It is written into the run as config.toml and read again to resume.
struct Config {
  DataOptions data;
  ViewOptions views;
  ModelOptions model;
  CategoryOptions category;
  ImbalanceOptions imbalance;
  OutlierOptions outliers;
  std::string algorithm = "leaf";
  Json algorithm_options = Json::object();  ///< what was set of the algorithm's own options; checked when it is made
  Json method_options = Json::object();     ///< what method and recipe say of them; counts for the options that the algorithm has
  TrainOptions train;
  OptimizerOptions optimizer;
  AverageOptions average;
  std::set<std::string> given;  ///< keys that somebody set; the others may still follow the algorithm

  /// Sets one option, `algorithm.*` included. Throws UsageError with the nearest known key.
  void set(std::string_view key, const Json& value, std::string_view where = "");
  /// The same from text, as in `--set key=value`.
  void set(std::string_view key, std::string_view text, std::string_view where = "");
  /// Sets what the TOML document names; `name` is for messages.
  void read_toml(std::string_view text, std::string_view name);
  /// Sets every switch that distinguishes a method (spec, section 1): paper or reference.
  void apply_method(std::string_view method);
  /// Sets the keys that nobody set; those of algorithms count where the algorithm has them.
  void apply_presets(const Json& presets);

  std::string to_toml(bool comments = true);
  Json to_json();
};

void describe(Options& options, Config& config);

/// The first option in which a configuration differs from what is wanted, as "train.steps = 10, not 20"; "" when none does. What
/// no result depends on (data.cache, views.workers) and a choice left to the machine (train.threads = 0, train.device = auto)
/// do not count.
std::string difference(Config found, Config wanted);

}  // namespace leaf
