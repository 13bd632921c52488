#include "leaf/data/taps.h"

#include <algorithm>
#include <cmath>

namespace leaf {
namespace {

/// The weights of one output place, normalized to 2²²; returns the place of the first input (Pillow, Resample.c).
int32_t fill_weights(int64_t input, double scale, int64_t place, std::vector<double>& exact, int32_t* weights) {
  const double widening = std::max(scale, 1.0), center = (static_cast<double>(place) + 0.5) * scale, step = 1 / widening;
  const auto first = std::max(static_cast<int64_t>(center - widening + 0.5), int64_t{0});
  const auto last = std::min(static_cast<int64_t>(center + widening + 0.5), input);
  double sum = 0;
  for (int64_t i = first; i < last; ++i) {
    const double distance = std::abs((static_cast<double>(i) - center + 0.5) * step);
    exact[i - first] = distance < 1 ? 1 - distance : 0;
    sum += exact[i - first];
  }
  for (int64_t i = 0; i < last - first; ++i) {
    weights[i] = static_cast<int32_t>(0.5 + (sum != 0 ? exact[i] / sum : exact[i]) * (1 << kWeightBits));
  }
  return static_cast<int32_t>(first);
}

}  // namespace

Taps::Taps(int64_t input, int64_t output, Range part) : first(part.size) {
  const double scale = static_cast<double>(input) / static_cast<double>(output);
  const auto most = static_cast<int64_t>(std::ceil(std::max(scale, 1.0))) * 2 + 1;
  count = std::min(static_cast<int64_t>(std::ceil(2 * std::max(scale, 1.0))), input);  // the triangle ends there
  weights.resize(part.size * count);
  std::vector<double> exact(most);
  std::vector<int32_t> line(most);
  for (int64_t i = 0; i < part.size; ++i) {
    std::fill(line.begin(), line.end(), 0);
    const int32_t start = fill_weights(input, scale, part.begin + i, exact, line.data());
    first[i] = static_cast<int32_t>(std::min<int64_t>(start, input - count));  // near the end moved back
    const int64_t moved = start - first[i];
    std::copy_n(line.data(), count - moved, &weights[i * count + moved]);
  }
}

void Taps::mirror() {
  std::reverse(first.begin(), first.end());
  const int64_t n = std::ssize(first);
  for (int64_t i = 0; i < n / 2; ++i)
    std::swap_ranges(&weights[i * count], &weights[i * count] + count, &weights[(n - 1 - i) * count]);
}

}  // namespace leaf
