#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "leaf/base/registry.h"
#include "leaf/ssl/algorithm.h"

namespace leaf {

/// What is said of an algorithm in lists, and what is special about it.
struct Description {
  std::string title;             ///< "FixMatch: …"
  std::string citation;          ///< authors, venue, arXiv number
  ViewCount views;               ///< of a face, that its loss reads
  std::string category{};        ///< where LEAF's category level stands; empty = it has no place
  std::string no_category{};     ///< the reason for that
  bool aligns = false;           ///< it aligns distributions by itself
  bool every_label = false;      ///< it learns from the labels of all training faces
  bool self_supervised = false;  ///< it uses no labels: it is for `leaf pretrain`, and its step has no labeled faces
  /// Configuration keys and the values that its paper means where nothing else is asked for.
  Json presets = plain_network();

  /// Whether LEAF's levels are its own, so that its plain name means all three.
  bool brings_levels() const { return !presets.contains("category.enabled"); }

  /// The network of the general algorithms: none of LEAF's levels, no unit length, no dropout.
  static Json plain_network();
  /// The same, and each view in a pass of its own: algorithms whose public code has no joint pass and lets the running statistics
  /// follow the labeled faces alone.
  static Json separate_passes();
  /// LEAF's network without its levels.
  static Json without_levels();
  /// What self-supervised algorithms share: the plain network, two strong views that leave eyes and mouth in sight, and AdamW.
  static Json pretraining();
};

/// An algorithm as it is listed and made.
struct AlgorithmEntry {
  Description description;
  /// Hands its own options, at their defaults and with keys "algorithm.…", to `use`, which may set them; then makes the
  /// algorithm, if there is a context.
  std::function<std::shared_ptr<Algorithm>(const std::function<void(Options&)>& use, const AlgorithmContext* context)> visit;
};

Registry<AlgorithmEntry>& algorithms();

/// The entry of a class A(AlgorithmContext, A::OwnOptions) with `describe(Options&, A::OwnOptions&)`.
template <typename A>
AlgorithmEntry algorithm_entry(Description description) {
  return {std::move(description),
          [](const std::function<void(Options&)>& use, const AlgorithmContext* context) -> std::shared_ptr<Algorithm> {
            typename A::OwnOptions own;
            Options options;
            options.enter("algorithm");
            describe(options, own);
            options.leave();
            use(options);
            return context == nullptr ? nullptr : std::make_shared<A>(*context, own);
          }};
}

/// Makes an algorithm with the given options. Throws UsageError for an unknown name or option and for a combination that has
/// no meaning: see check_combination, and too few classes for the category level to rank.
std::shared_ptr<Algorithm> make_algorithm(const std::string& name, const AlgorithmContext& given, const Json& options);

/// The names of those that are self-supervised, or of those that are not.
std::vector<std::string> algorithm_names(bool self_supervised);

/// Throws UsageError that names the other command when a self-supervised algorithm is to be trained with labels, or another one
/// without.
void check_supervision(const std::string& name, bool self_supervised);

/// Throws UsageError, with the reason, when the algorithm has no place for the category level, for alignment or for rejecting
/// outliers and they are on, or, being self-supervised, for any switch against imbalance; and when uniform beliefs and estimated
/// shares are asked for, which contradict each other.
void check_combination(const std::string& name, const CategoryOptions& category, const ImbalanceOptions& imbalance,
                       const OutlierOptions& outliers);

/// All options of an algorithm: its defaults, then the presets it has an option for, then the given ones. Throws UsageError.
Json resolve_options(const std::string& algorithm, const Json& presets, const Json& given);

/// Whether the algorithm has an option of its own of that name, "threshold.decay".
bool has_option(const std::string& algorithm, const std::string& option);

/// An algorithm's own options as TOML with comments.
std::string options_help(const std::string& algorithm);

/// The names of what it remembers from step to step: its buffers, and the parameters of its own.
std::vector<std::string> state_names(const std::string& algorithm);

}  // namespace leaf
