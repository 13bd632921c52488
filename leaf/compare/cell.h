#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "leaf/compare/variant.h"
#include "leaf/runs/run_folder.h"

namespace leaf {

/// Training runs to compare: every data set with every number of labels, variant and seed.
struct Grid {
  std::vector<std::string> sources;  ///< "ferplus:DIR", …
  std::vector<double> labels;        ///< data.labels; 0 = all
  std::vector<Variant> variants;
  std::vector<int64_t> seeds;
  Config base;  ///< everything else
};

/// One run of a grid, in a folder of its own.
struct Cell {
  std::string data;  ///< the source
  double labels = 0;
  Variant variant;
  int64_t seed = 0;
  ResolvedConfig config;
  RunFolder folder;
  std::string run_name;  ///< the variant's name, or the plain one's where its study changes nothing and they share the run

  /// The processes that work on a grid claim a cell by a lock on this file beside its folder.
  std::filesystem::path lock() const { return folder.root.string() + ".lock"; }
  /// Why its last try failed, one line; only when it did.
  std::filesystem::path failure() const { return folder.root.string() + ".failed"; }
  bool finished() const { return folder.finished(); }
  bool failed() const { return !finished() && std::filesystem::exists(failure()); }
};

/// A text as a part of a file's name: what is no letter, digit or one of +=_. becomes "-", and no dot comes first; of a long one
/// the end.
std::string file_word(const std::string& text);

/// All cells, in the order in which they are run: data set by data set, and all variants with the first seed before the second,
/// so that half a grid compares already. The folders are ROOT/runs/DATA/LABELS/VARIANT/seedN; a variant whose study changes
/// nothing shares the folder, and so the run, of the plain one.
///
/// The seed is train.seed and data.split_seed, so that every seed has labeled faces of its own. Where these are given (data.split
/// = authors: their list is that of split_seed 5; data.split_file) it is train.seed alone.
/// Throws UsageError: nothing to run, a value named twice, an option that no algorithm of the grid has, what Variant::apply
/// refuses.
std::vector<Cell> expand(const Grid& grid, const std::filesystem::path& root);

/// Makes the folders ready for run_grid(), before any process starts on them: forgets failures of earlier tries, and throws Error
/// for a run there whose configuration differs from its cell's; with `force` it is removed instead.
void prepare(const std::vector<Cell>& cells, bool force);

}  // namespace leaf
