#include "leaf/data/taps.h"

#include <algorithm>
#include <cmath>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

/// The triangle's height over an input of each of n places, `after` behind the place's first, and added to the sum of heights.
LEAF_VECTORIZE void add_heights(const double* __restrict center, const int32_t* __restrict first, int32_t after, double step,
                                int64_t n, double* __restrict height, double* __restrict sum) {
  for (int64_t i = 0; i < n; ++i) {
    const double distance = std::abs((static_cast<double>(first[i] + after) - center[i] + 0.5) * step);
    height[i] = distance < 1 ? 1 - distance : 0;
    sum[i] += height[i];
  }
}

/// Shares of the sum in 2²²ths.
LEAF_VECTORIZE void to_weights(const double* __restrict height, const double* __restrict sum, int64_t n, int64_t count,
                               int32_t* __restrict weight) {
  for (int64_t i = 0; i < n; ++i) weight[i * count] = static_cast<int32_t>(0.5 + height[i] / sum[i] * (1 << kWeightBits));
}

}  // namespace

Taps::Taps(int64_t input, int64_t output, Range part) : first(part.size) {
  const double scale = static_cast<double>(input) / static_cast<double>(output), widening = std::max(scale, 1.0);
  count = std::min(static_cast<int64_t>(std::ceil(2 * widening)), input);  // the triangle ends there
  weights.resize(part.size * count);
  std::vector<double> centers(part.size), sums(part.size), heights(part.size * count);
  for (int64_t i = 0; i < part.size; ++i) {
    centers[i] = (static_cast<double>(part.begin + i) + 0.5) * scale;
    const auto start = std::max(static_cast<int64_t>(centers[i] - widening + 0.5), int64_t{0});
    first[i] = static_cast<int32_t>(std::min(start, input - count));  // near the end moved back
  }
  for (int64_t k = 0; k < count; ++k) {
    add_heights(centers.data(), first.data(), static_cast<int32_t>(k), 1 / widening, part.size, &heights[k * part.size],
                sums.data());
  }
  for (int64_t k = 0; k < count; ++k) to_weights(&heights[k * part.size], sums.data(), part.size, count, &weights[k]);
}

void Taps::mirror() {
  std::reverse(first.begin(), first.end());
  const int64_t n = std::ssize(first);
  for (int64_t i = 0; i < n / 2; ++i)
    std::swap_ranges(&weights[i * count], &weights[i * count] + count, &weights[(n - 1 - i) * count]);
}

}  // namespace leaf
