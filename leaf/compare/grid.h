#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "leaf/compare/cell.h"
#include "leaf/train/observer.h"

namespace leaf {

/// How far a grid is.
struct GridProgress {
  int64_t done = 0, total = 0;  ///< runs: finished or failed, and all
  double seconds_left = -1;     ///< estimated; −1 before the first run of this process
};

/// Somebody who watches a grid.
class GridObserver {
 public:
  virtual ~GridObserver() = default;
  /// A run begins here; the observer that is returned watches it and must live as long as the grid runs.
  virtual Observer& on_begin(const Cell& cell, const GridProgress& progress) = 0;
  /// It ended: finished, or failed for the reason.
  virtual void on_end(const Cell& cell, const GridProgress& progress, const std::string& failure) = 0;
};

struct GridOptions {
  int64_t jobs = 1;     ///< processes that work on the grid, for the estimate of the time left
  int64_t threads = 0;  ///< for new runs whose train.threads is 0
};

/// Runs what is not finished, together with every other process that does the same, and returns when all cells are finished or
/// failed. An interrupted run continues from its checkpoint. A data set is loaded once for all its cells, and only when one of
/// them has to run. An Error ends its cell, not the grid. The tables in `root` (leaf/compare/table.h) are written after each
/// cell.
void run_grid(const std::vector<Cell>& cells, const std::filesystem::path& root, const GridOptions& options,
              GridObserver& observer);

}  // namespace leaf
