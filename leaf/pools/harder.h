#pragma once

#include <memory>

#include "leaf/data/options.h"
#include "leaf/pools/pools.h"

namespace leaf {

// Difficulties that are put into the training pools on purpose, to measure what a run bears (docs/robustness.md). Validation and
// test faces stay as they are. The same pools and options give the same result; random choices come from `split_seed`.

/// Of freshly divided pools, in this order:
///
///  * `tail`: the n classes ordered by their number of training faces (labels that the run does not see included), class i of
///    them keeps the share tail^(−i/(n − 1)) of its faces, at least one, in the labeled pool and in the unlabeled one.
///    Unlabeled faces whose class nobody knows stay.
///  * `unlabeled_share`: a random share of the unlabeled faces stays.
///  * `foreign_share`, with a data set `datasets.foreign`: that share of the unlabeled faces, at random, is replaced by random
///    faces of it, so that their number stays. The pool's data set is then with_foreign().
///
/// Orders are kept. Throws Error when the foreign data set has too few faces.
void make_harder(Pools& pools, const Datasets& datasets, const DataOptions& options);

/// `wrong_labels`: of the labeled faces exactly that share, at random, gets another label, any other class equally likely; its
/// votes change places. The labels of unlabeled faces, which only fully supervised learning reads, are treated the same. Pools
/// that shared a data set share the changed one. Throws Error for a single class.
void mislabel(Pools& pools, const DataOptions& options);

/// joined() with "foreign:NAME/" before the names of the foreign faces. `own` itself when there is no foreign set.
std::shared_ptr<const Dataset> with_foreign(const std::shared_ptr<const Dataset>& own,
                                            const std::shared_ptr<const Dataset>& foreign);

}  // namespace leaf
