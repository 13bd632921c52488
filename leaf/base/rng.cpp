#include "leaf/base/rng.h"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace leaf {
namespace {

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(uint64_t seed) : key_(mix(seed + kGolden)) {}

Rng Rng::split(uint64_t key) const {
  Rng child(0);
  child.key_ = mix(key_ ^ mix(key * kGolden + 0x632be59bd9b4e019));
  return child;
}

uint64_t Rng::bits() { return mix(key_ + ++counter_ * kGolden); }

double Rng::uniform(double low, double high) { return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53; }

int64_t Rng::below(int64_t n) {
  if (n < 1) throw std::logic_error("Rng::below needs n >= 1");
  const auto range = static_cast<uint64_t>(n);
  const uint64_t limit = range * (UINT64_MAX / range);  // numbers at or above it would favor small values
  uint64_t value = bits();
  while (value >= limit) value = bits();
  return static_cast<int64_t>(value % range);
}

bool Rng::chance(double probability) { return uniform() < probability; }

double Rng::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

double Rng::gamma(double shape) {  // Marsaglia and Tsang, ACM TOMS 2000
  if (shape < 1) {
    const double larger = gamma(shape + 1);
    return larger * std::pow(1 - uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  for (;;) {
    const double x = normal();
    const double v = std::pow(1 + x / std::sqrt(9 * d), 3);
    if (v > 0 && std::log(1 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double Rng::beta(double a, double b) {
  const double x = gamma(a);
  const double y = gamma(b);
  return x + y > 0 ? x / (x + y) : 0.5;
}

}  // namespace leaf
