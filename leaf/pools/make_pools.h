#pragma once

#include "leaf/data/load_dataset.h"
#include "leaf/data/options.h"
#include "leaf/pools/pools.h"

namespace leaf {

/// Loads `options.source`, `.unlabeled`, `.test`, `.validation_source` and `.foreign`; each place is read once. Throws what
/// load_dataset throws, and Error when the foreign faces, or those to choose by, are those of another of them.
Datasets load_datasets(const DataOptions& options, int threads, const DecodeProgress& progress = {});

/// Divides the faces. The same data sets and options give the same pools.
///
///  * Test: `datasets.test` (its test part, else its validation part, else all of it; classes are matched by name, faces of
///    others left out and counted); else the test part; else the half `options.test_half` of the validation part, which is the
///    same for every `split_seed`; else `options.test_share` of the training faces that have a label.
///  * Labeled: by `options.split` from the training faces that remain, `options.labels` of them; for `authors` before anything is
///    taken from them, so that the list is exactly theirs.
///  * Validation: `options.validation` of these, by default none. What somebody names outside of the budget counts instead:
///    `datasets.validation`, or with `options.validation_source = part` what is left of the validation part, else training faces.
///  * Unlabeled: the training faces that remain; or all faces of `datasets.unlabeled` that are in no other pool.
///
/// The validation part of a data set is not used unless it is named; with `train_on_validation` it joins the training faces.
/// Halves and shares are stratified by class, take nothing from a class with fewer than five faces, and keep the faces of a
/// subject together where subjects are known. No face is in two pools. Labels of the pools are indices into the classes of
/// `datasets.source`, for every pool but the unlabeled one. What is made harder on purpose (harder.h) follows the division.
///
/// With `options.split_file` the pools are read from it; of what makes them harder only `wrong_labels` is then done, since the
/// list has the rest. Throws Error: a class with fewer faces than the papers' rules want, no face to learn from, and what
/// read_split and make_harder throw.
Pools make_pools(const Datasets& datasets, const DataOptions& options);

/// Throws Error when a face of `datasets.validation` is also learned from or tested on, and remarks how many test faces are
/// learned from: the same picture under another name. Only faces of different sources are compared.
void check_shared_faces(const Datasets& datasets, Pools& pools);

/// The same for learning without labels, where a source may have none at all: then all its training faces are unlabeled and the
/// other pools are empty. Throws Error too when labels, a test set or further faces are asked for beside such a source.
Pools pretraining_pools(const Datasets& datasets, const DataOptions& options);

}  // namespace leaf
