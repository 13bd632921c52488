#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "leaf/base/rng.h"

namespace leaf {

/// An endless run of shuffled epochs over n faces, a pure function of its random stream. The orders of the latest epochs are
/// kept, since shuffling a million faces for every step would take longer than the step. Thread-safe.
class Epochs {
 public:
  Epochs(int64_t n, Rng rng);

  /// Entries [step · count, (step + 1) · count), positions in [0, n). Throws std::logic_error for n < 1.
  std::vector<int64_t> positions(int64_t count, int64_t step) const;

 private:
  using Order = std::shared_ptr<const std::vector<int64_t>>;
  Order order(int64_t epoch) const;

  int64_t n_;
  Rng rng_;
  mutable std::mutex mutex_;
  mutable std::map<int64_t, Order> kept_;
};

}  // namespace leaf
