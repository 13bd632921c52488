#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "leaf/config/options.h"
#include "leaf/data/options.h"
#include "leaf/model/options.h"
#include "leaf/ssl/options.h"
#include "leaf/views/options.h"

namespace leaf {

/// Every option of a run, as somebody asked for it: what is not in `given` is still open and may follow the recipe, the algorithm
/// or the method. resolve() (resolve.h) closes it. A run keeps it as config.toml and reads it again to resume.
struct Config {
  DataOptions data;
  ViewOptions views;
  ModelOptions model;
  CategoryOptions category;
  ImbalanceOptions imbalance;
  OutlierOptions outliers;
  TeacherOptions teacher;
  std::string algorithm = "leaf";
  Json algorithm_options = Json::object();  ///< the algorithm's own: those that were set or, once resolved, all
  TrainOptions train;
  OptimizerOptions optimizer;
  AverageOptions average;
  std::string method{};         ///< paper or reference: its presets (method.h) count; "" = none
  bool weights_follow = false;  ///< model.weights will be named later (with_weights): the recipe is for a start from weights
  std::set<std::string> given;  ///< keys that somebody set

  /// Sets one option, `algorithm.*` included. Throws UsageError with the nearest known key.
  void set(std::string_view key, const Json& value, std::string_view where = "");
  /// The same from text, as in `--set key=value`.
  void set(std::string_view key, std::string_view text, std::string_view where = "");
  /// Sets what the TOML document names; `name` is for messages.
  void read_toml(std::string_view text, std::string_view name);
  /// Gives an option a value that counts unless somebody set it. Not for an algorithm's own options.
  void preset(std::string_view key, const Json& value);

  std::string to_toml(bool comments = true) const;
  Json to_json() const;
};

void describe(Options& options, Config& config);

/// The name of an algorithm's own option, "threshold" of "algorithm.threshold"; "" for the key of another option.
std::string_view own_option(std::string_view key);

/// LEAF's levels, "semantic", "instance" and "category", and the option that switches one of them on.
const std::vector<std::string>& level_names();
std::string level_option(std::string_view level);
bool has_level(const Config& config, std::string_view level);

/// The first option in which a configuration differs from what is wanted, as "train.steps = 10, not 20"; "" when none does. What
/// no result depends on (data.cache, views.workers) and what is left to the machine (train.threads = 0, train.device = auto,
/// model.precision = auto) do not count.
std::string difference(const Config& found, const Config& wanted);

}  // namespace leaf
