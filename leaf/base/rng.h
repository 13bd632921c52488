#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace leaf {

/// A stream of random numbers that is addressed, never shared: `Rng(seed).split(view).split(step).split(face)` is the same
/// stream wherever and whenever it is made, so a batch does not depend on the number of threads that made it.
///
/// Counter-based: the n-th number is a hash (SplitMix64's finalizer; Steele, Lea, Flood, OOPSLA 2014) of the key and n.
class Rng {
 public:
  explicit Rng(uint64_t seed);

  /// The stream below this one at `key`; independent of this stream's position and of its other children.
  Rng split(uint64_t key) const;

  /// 64 uniform bits.
  uint64_t bits();
  /// Uniform in [low, high).
  double uniform(double low = 0, double high = 1);
  /// Uniform in {0, …, n − 1}; n ≥ 1.
  int64_t below(int64_t n);
  /// True with the given probability in [0, 1].
  bool chance(double probability);
  /// Normal with mean 0 and deviation 1 (Box–Muller).
  double normal();
  /// Beta(a, b), a and b > 0.
  double beta(double a, double b);

  /// Shuffles in place (Fisher–Yates).
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (int64_t i = static_cast<int64_t>(values.size()) - 1; i > 0; --i) std::swap(values[i], values[below(i + 1)]);
  }

 private:
  double gamma(double shape);

  uint64_t key_;
  uint64_t counter_ = 0;
};

}  // namespace leaf
