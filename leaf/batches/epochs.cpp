#include "leaf/batches/epochs.h"

#include <numeric>
#include <stdexcept>

namespace leaf {
namespace {

constexpr size_t kKept = 2;  ///< a batch may reach into a second epoch, and so may those that are made ahead

}  // namespace

Epochs::Epochs(int64_t n, Rng rng) : n_(n), rng_(rng) {}

Epochs::Order Epochs::order(int64_t epoch) const {
  const std::lock_guard lock(mutex_);
  if (const auto found = kept_.find(epoch); found != kept_.end()) return found->second;
  auto order = std::make_shared<std::vector<int64_t>>(n_);
  std::iota(order->begin(), order->end(), 0);
  rng_.split(epoch).shuffle(*order);
  if (kept_.size() >= kKept) kept_.erase(kept_.begin());
  return kept_.emplace(epoch, std::move(order)).first->second;
}

std::vector<int64_t> Epochs::positions(int64_t count, int64_t step) const {
  if (n_ < 1) throw std::logic_error("an epoch needs at least one face");
  std::vector<int64_t> positions;
  Order current;
  for (int64_t entry = step * count; entry < (step + 1) * count; ++entry) {
    if (current == nullptr || entry % n_ == 0) current = order(entry / n_);
    positions.push_back((*current)[entry % n_]);
  }
  return positions;
}

}  // namespace leaf
