#pragma once

#include "leaf/data/load_dataset.h"
#include "leaf/data/options.h"
#include "leaf/pools/pools.h"

namespace leaf {

/// Loads `options.source`, `.unlabeled`, `.test` and `.foreign`; each place is read once. Throws what load_dataset throws, and
/// Error when the foreign faces are those of another of them.
Datasets load_datasets(const DataOptions& options, int threads, const DecodeProgress& progress = {});

/// Divides the faces. The same data sets and options give the same pools.
///
///  * Test: `datasets.test` (its test part, else its validation part, else all of it; classes are matched by name, faces of
///    others left out and counted); else the test part; else the second half of the validation part; else a fifth of the
///    training faces.
///  * Validation: the validation part (what is left of it); else `options.validation` of the training faces. With
///    `train_on_validation` the part joins the training faces and the share is taken from these.
///  * Labeled: by `options.split` from the training faces that remain; for `authors` before anything is taken from them, so
///    that the list is exactly theirs.
///  * Unlabeled: the training faces that remain; or all faces of `datasets.unlabeled` that are in no other pool.
///
/// Halves and shares are stratified by class, and keep the faces of a subject together where subjects are known. No face is in
/// two pools. Labels of the pools are indices into the classes of `datasets.source`, for every pool but the unlabeled one. What
/// is made harder on purpose (harder.h) follows the division.
///
/// With `options.split_file` the pools are read from it; of what makes them harder only `wrong_labels` is then done, since the
/// list has the rest. Throws Error: a class with fewer faces than wanted, and what read_split and make_harder throw.
Pools make_pools(const Datasets& datasets, const DataOptions& options);

/// The same for learning without labels, where a source may have none at all: then all its training faces are unlabeled and the
/// other pools are empty. Throws Error too when labels, a test set or further faces are asked for beside such a source.
Pools pretraining_pools(const Datasets& datasets, const DataOptions& options);

}  // namespace leaf
