#include "leaf/batches/prefetch.h"

namespace leaf {

Prefetcher::Prefetcher(const Loader& loader, int64_t first, int64_t workers, bool pinned)
    : loader_(loader), pinned_(pinned), ahead_(workers + 1), wanted_(first), started_(first) {
  for (int64_t i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
}

Batch Prefetcher::make(int64_t step) const {
  auto batch = loader_.batch(step);
  return pinned_ ? batch.pinned() : batch;
}

void Prefetcher::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || started_ < wanted_ + ahead_; });
    if (stop_) return;
    const int64_t step = started_++;
    lock.unlock();
    Slot slot;
    try {
      slot.batch = make(step);
    } catch (...) {
      slot.failure = std::current_exception();
    }
    lock.lock();
    ready_[step] = std::move(slot);
    changed_.notify_all();
  }
}

Batch Prefetcher::next() {
  if (workers_.empty()) return make(wanted_++);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ready_.contains(wanted_); });
  auto node = ready_.extract(wanted_++);
  lock.unlock();
  changed_.notify_all();
  if (node.mapped().failure) std::rethrow_exception(node.mapped().failure);
  return std::move(node.mapped().batch);
}

}  // namespace leaf
