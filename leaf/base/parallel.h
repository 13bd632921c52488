#pragma once

#include <cstdint>
#include <functional>

namespace leaf {

/// Calls `body(i)` for i in [0, n) on up to `threads` threads, in no order. The first exception is thrown again here after
/// all threads have stopped.
void parallel_for(int64_t n, int threads, const std::function<void(int64_t)>& body);

/// The processors this process may use: its affinity and its cgroup's quota, at least 1.
int available_processors();

}  // namespace leaf
