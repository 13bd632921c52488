#pragma once

#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace leaf {

/// NumPy's legacy generator, number for number: RandomState(seed) with an integer seed (MT19937, Knuth's initialization), its
/// shuffle() and permutation(). The authors' splits are made with it; nothing else should be.
class NumpyRandom {
 public:
  explicit NumpyRandom(uint32_t seed) : engine_(seed) {}

  /// Uniform in {0, …, most}: the bits are masked to the next power of two and drawn again until they fit.
  uint64_t interval(uint64_t most);

  /// Shuffles in place, from the end.
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i-- > 1;) std::swap(values[i], values[interval(i)]);
  }

  /// 0, …, n − 1 in a random order.
  std::vector<int64_t> permutation(int64_t n) {
    std::vector<int64_t> values(n);
    std::iota(values.begin(), values.end(), int64_t{0});
    shuffle(values);
    return values;
  }

 private:
  std::mt19937 engine_;  // the standard fixes its initialization and its output to what NumPy has
};

}  // namespace leaf
