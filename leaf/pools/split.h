#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/base/rng.h"
#include "leaf/data/options.h"

namespace leaf {

/// Faces that are learned from with and without their label: positions in the list of labels that was split.
struct Split {
  std::vector<int64_t> labeled, rest;
};

/// The authors' split (docs/paper.md, Data), index for index: class by class the positions are shuffled and the first
/// ⌊labeled / classes⌋ taken, then both lists are shuffled. All shuffles are NumPy's, from one stream of `seed`, or with
/// `reseed` each from its own beginning (RAF-DB and AffectNet-7; FERPlus and AffectNet-8 have one stream). Positions whose
/// label is kUnlabeled follow at the end of `rest`. Throws Error when a class has fewer faces than are to be labeled.
Split authors_split(const std::vector<int64_t>& labels, const std::vector<std::string>& classes, int64_t labeled, uint32_t seed,
                    bool reseed);

/// Whether the authors re-seed before every shuffle for that data set.
bool authors_reseed(const std::string& dataset);

/// How many faces of each class are labeled, [C], by the rule `options.split`:
///   per_class, authors   ⌊labels / C⌋ each; with fewer labels than classes per_class takes one of each of the most frequent
///   ada_cm               Ada-CM's budgets (CVPR 2022) of 100, 400, 1000, 2000 or 4000 for seven classes: fewer for fear
///   fraction             the share `labels` of each class, at least one
/// and everything for labels = 0. `available` are the faces of each class, [C]; per_class and fraction take no more than these.
/// Throws UsageError for an amount that the rule cannot mean.
std::vector<int64_t> label_budget(const DataOptions& options, const std::vector<std::string>& classes,
                                  const std::vector<int64_t>& available);

/// Takes `budget[c]` faces of each class at random; both lists ascend. Throws Error naming class, wanted and found.
Split random_split(const std::vector<int64_t>& labels, const std::vector<std::string>& classes,
                   const std::vector<int64_t>& budget, const Rng& rng);

/// Takes `count` faces that have a label at random, whatever their class, or all when there are no more; both lists ascend.
Split split_as_they_come(const std::vector<int64_t>& labels, int64_t count, const Rng& rng);

/// A share of each class at random, at least one face and never all; none of a class with fewer than five faces, which needs them
/// all; faces without a label are not taken. Where `subjects` is not empty (one for each position) whole subjects are taken, in a
/// random order, until every class has its share, but none who has a face of so small a class. Positions, ascending.
std::vector<int64_t> stratified_share(const std::vector<int64_t>& labels, const std::vector<std::string>& subjects,
                                      int64_t classes, double share, const Rng& rng);

/// Faces of each class, [C].
std::vector<int64_t> count_labels(const std::vector<int64_t>& labels, int64_t classes);

}  // namespace leaf
