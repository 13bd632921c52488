#pragma once

#include <memory>

#include "leaf/batches/batch.h"
#include "leaf/batches/epochs.h"
#include "leaf/data/dataset.h"
#include "leaf/views/options.h"
#include "leaf/views/transform.h"

namespace leaf {

/// What a loader is made of, besides the faces.
struct LoaderOptions {
  ViewOptions views;
  ViewCount count;
  int64_t labeled_batch = 16;
  int64_t unlabeled_batch = 16;
  int64_t labeled_steps = 0;    ///< the first steps have labeled faces alone, or beside them those that a teacher teaches
  torch::Tensor taught{};       ///< [faces of the unlabeled pool, C], what a teacher says of them; undefined without one
  int64_t taught_batch = 0;     ///< unlabeled faces of each of the first steps, one strong view each; 0 without a teacher
  bool class_balanced = false;  ///< labeled faces: every class equally often instead of as they come
  uint64_t seed = 0;
};

/// The batches of a run. A batch is a pure function of (seed, step): prefetching is calling it early and resuming is
/// starting at another step. Faces come in an endless run of shuffled epochs; each face's views at each step have a random
/// stream of their own.
class Loader {
 public:
  /// Throws Error when a pool of which views are asked for is empty. With labeled_batch = 0 the labeled pool may be empty (it
  /// still names the classes), and so is the labeled part of a batch: [0, 3, H, W].
  Loader(Pool labeled, Pool unlabeled, LoaderOptions options);

  /// Thread-safe.
  Batch batch(int64_t step) const;

  /// Views of one step (from 0), and of all steps before it.
  int64_t views(int64_t step) const;
  int64_t views_before(int64_t step) const;

  const LoaderOptions& options() const { return options_; }
  const Pool& labeled() const { return labeled_; }
  const Pool& unlabeled() const { return unlabeled_; }

 private:
  std::vector<int64_t> labeled_positions(int64_t step) const;
  void add_unlabeled(Batch& batch, int64_t count, const ViewCount& views) const;

  Pool labeled_, unlabeled_;
  LoaderOptions options_;
  Transform weak_, strong_;
  std::vector<std::vector<int64_t>> by_class_;    ///< positions in the labeled pool
  std::shared_ptr<const Epochs> labeled_epochs_;  ///< of faces, or of entries of by_class_ where classes are balanced
  std::shared_ptr<const Epochs> unlabeled_epochs_;
};

/// Faces as evaluation sees them (resized, normalized): rows [begin, end) of the pool, [n, 3, H, W].
torch::Tensor plain_views(const Pool& pool, int64_t begin, int64_t end, const ViewOptions& options);

}  // namespace leaf
