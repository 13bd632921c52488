#include "leaf/compare/grid.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <memory>
#include <new>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/claim.h"
#include "leaf/base/error.h"
#include "leaf/base/stopwatch.h"
#include "leaf/base/text.h"
#include "leaf/compare/table.h"
#include "leaf/runs/checkpoint.h"
#include "leaf/runs/experiment.h"

namespace leaf {
namespace {

/// The cells without those that share the run of an earlier one.
std::vector<const Cell*> distinct(const std::vector<Cell>& cells) {
  std::vector<const Cell*> result;
  std::set<std::filesystem::path> seen;
  for (const auto& cell : cells) {
    if (seen.insert(cell.folder.root).second) result.push_back(&cell);
  }
  return result;
}

bool ended(const Cell& cell) { return cell.finished() || cell.failed(); }

/// A grid at work in this process.
class Runner {
 public:
  Runner(const std::vector<Cell>& cells, const std::filesystem::path& root, const GridOptions& options, GridObserver& observer)
      : cells_(cells), distinct_(distinct(cells)), root_(root), options_(options), observer_(observer) {}

  void run() {
    for (;;) {
      const Cell* busy = nullptr;  // claimed by another process
      for (const auto* cell : distinct_) {
        if (ended(*cell)) continue;
        make_folder(cell->lock().parent_path());
        if (const auto claim = Claim::attempt(cell->lock())) {
          if (!ended(*cell)) run_claimed(*cell);
        } else if (busy == nullptr) {
          busy = cell;
        }
      }
      if (busy == nullptr) break;
      Claim::wait(busy->lock());  // until it is finished, or free again because its process was killed
    }
    write_tables(root_, cells_);
  }

 private:
  void run_claimed(const Cell& cell) {
    auto& observer = observer_.on_begin(cell, progress());
    const Stopwatch stopwatch;
    std::string failure;
    try {
      train_cell(cell, observer);
    } catch (const Error& error) {
      failure = error.what();
    } catch (const c10::Error& error) {  // memory of a device that is full, shapes that do not fit
      failure = error.what_without_backtrace();
    } catch (const std::bad_alloc&) {
      failure = "not enough memory";
    }
    if (!failure.empty()) write_file(cell.failure(), failure.substr(0, failure.find('\n')) + "\n");
    seconds_ += stopwatch.seconds();
    ++run_;
    write_tables(root_, cells_);
    observer_.on_end(cell, progress(), failure);
  }

  void train_cell(const Cell& cell, Observer& observer) {
    const auto& folder = cell.folder;
    const auto& data = datasets_of(cell, observer);
    if (has_checkpoint(folder)) {
      resume_experiment(folder, data, observer);
      return;
    }
    const auto pools = divide_datasets(*cell.config, data, observer);
    const bool begun = std::filesystem::exists(folder.config());  // and stopped before its first checkpoint: it starts again
    run_experiment(with_threads(cell.config, options_.threads), pools, folder, begun, observer);
  }

  /// Those of the latest cell, as long as the next one has the same: the cells come data set by data set.
  const Datasets& datasets_of(const Cell& cell, Observer& observer) {
    if (cell.data != loaded_) {
      loaded_.clear();
      datasets_ = {};  // before the next is loaded: both may not fit
      datasets_ = load_datasets(*cell.config, observer);
      loaded_ = cell.data;
    }
    return datasets_;
  }

  GridProgress progress() const {
    GridProgress progress{.total = static_cast<int64_t>(distinct_.size())};
    for (const auto* cell : distinct_) progress.done += ended(*cell);
    if (run_ > 0)
      progress.seconds_left =
          seconds_ / static_cast<double>(run_ * options_.jobs) * static_cast<double>(progress.total - progress.done);
    return progress;
  }

  const std::vector<Cell>& cells_;
  const std::vector<const Cell*> distinct_;
  const std::filesystem::path& root_;
  const GridOptions& options_;
  GridObserver& observer_;
  std::string loaded_;  ///< the source that `datasets_` holds; "" = none
  Datasets datasets_;
  double seconds_ = 0;  ///< of the cells that were run here
  int64_t run_ = 0;     ///< their number
};

}  // namespace

void run_grid(const std::vector<Cell>& cells, const std::filesystem::path& root, const GridOptions& options,
              GridObserver& observer) {
  Runner(cells, root, options, observer).run();
}

}  // namespace leaf
