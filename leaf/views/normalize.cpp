#include "leaf/views/normalize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

/// What to multiply by for a quotient: the inverse in two parts, of which the second is what the first lacks.
struct Inverse {
  float inverse, rest;

  constexpr explicit Inverse(double divisor)
      : inverse(static_cast<float>(1 / divisor)), rest(static_cast<float>(1 / divisor - static_cast<double>(inverse))) {}
};

/// A quotient rounded once, as a division gives it for what is divided here (tests compare them all); several times as fast.
[[gnu::always_inline]] inline float divide(float value, Inverse by) { return std::fma(value, by.inverse, value * by.rest); }

/// One byte in float arithmetic, as torchvision's ToTensor and Normalize do it.
[[gnu::always_inline]] inline float normalized(uint8_t value, float mean, Inverse deviation) {
  return divide(divide(value, Inverse(255)) - mean, deviation);
}

template <typename Number>
constexpr std::array<Number, 3> in_float(const std::array<double, 3>& numbers) {
  const auto one = [&](size_t c) { return Number(static_cast<float>(numbers[c])); };
  return {one(0), one(1), one(2)};
}

constexpr auto kMean = in_float<float>(kPixelMean);
constexpr auto kDeviation = in_float<Inverse>(kPixelDeviation);

constexpr Vectorized normalize =
    [](const uint8_t* __restrict pixels, int64_t n, float* __restrict destination) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t c = 0; c < 3; ++c) destination[i * 3 + c] = normalized(pixels[i * 3 + c], kMean[c], kDeviation[c]);
  }
};

}  // namespace

double largest_normalized() {
  double largest = 0;
  for (int64_t c = 0; c < 3; ++c) {
    for (const uint8_t value : {0, 255})
      largest = std::max(largest, std::abs(static_cast<double>(normalized(value, kMean[c], kDeviation[c]))));
  }
  return largest;
}

void write_normalized(const Image& view, float* destination) {
  normalize(view.pixels.data(), view.height * view.width, destination);
}

}  // namespace leaf
