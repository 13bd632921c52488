#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leaf/config/resolve.h"

namespace leaf {

/// One line of a comparison: an algorithm, which of LEAF's levels are plugged into it, and what else is set for it.
struct Variant {
  std::string algorithm;
  std::set<std::string> levels{};  ///< that it has: some of level_names()

  std::string study{};                                  ///< the ablation study it belongs to; "" = none
  std::string change{};                                 ///< what the study changes, "experts=4"; "" = nothing but levels
  std::string method{};                                 ///< the method's presets are forced; "" = as the configuration has them
  std::vector<std::pair<std::string, Json>> options{};  ///< key and value, set for it

  /// "fixmatch", "fixmatch+semantic", "fixmatch+levels" (all three), "leaf", "leaf+none", "leaf experts=4".
  std::string name() const;
  /// The same variant without what its study changes.
  Variant plain() const;
  /// The configuration with all of it set. Of the algorithm options that `config` has been given those count that this algorithm
  /// has, so that a grid can set an option of one of its algorithms.
  /// Throws UsageError: unknown algorithm or backbone, values that do not go together.
  ResolvedConfig apply(Config config) const;
};

/// The algorithm of a configuration and the levels that it has.
Variant variant_of(const Config& config);

/// Reads ALGORITHM (with the levels that it brings by itself), ALGORITHM+LEVEL+…, ALGORITHM+levels or ALGORITHM+none. Throws
/// UsageError with the nearest known word.
Variant parse_variant(std::string_view text);

/// The same for several, separated by commas. Throws UsageError for one that is named twice.
std::vector<Variant> parse_variants(std::string_view text);

}  // namespace leaf
