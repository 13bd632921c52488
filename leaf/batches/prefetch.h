#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "leaf/batches/loader.h"

namespace leaf {

/// Calls `Loader::batch` early, on threads of its own. The order and the content of the batches do not depend on them.
class Prefetcher {
 public:
  /// Batches from step `first` on; 0 workers make each batch when it is asked for. The loader must outlive this. `pinned`: see
  /// Batch::pinned().
  Prefetcher(const Loader& loader, int64_t first, int64_t workers, bool pinned = false);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next step's batch. An exception of a worker is thrown here, at its own step.
  Batch next();

 private:
  struct Slot {
    Batch batch;
    std::exception_ptr failure;
  };
  Batch make(int64_t step) const;
  void work();

  const Loader& loader_;
  const bool pinned_;
  const int64_t ahead_;  ///< at most so many batches wait
  int64_t wanted_;       ///< the step that `next` returns
  int64_t started_;      ///< the first step that no worker has begun
  bool stop_ = false;
  std::map<int64_t, Slot> ready_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::jthread> workers_;
};

}  // namespace leaf
