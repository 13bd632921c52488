#include "leaf/compare/spread.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace leaf {
namespace {

constexpr double kWithin = 0.95;

/// The probability of [−t, t] for t = √degrees · tan(angle), angle in [0, π/2]. Abramowitz and Stegun, 26.7.3 and 26.7.4.
double student_within(int64_t degrees, double angle) {
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const int64_t odd = degrees % 2;
  double term = odd == 1 ? cosine : 1, sum = 0;
  for (int64_t power = odd; power <= degrees - 2; power += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(power + 1) / static_cast<double>(power + 2);
  }
  return odd == 1 ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

Spread spread_of(const std::vector<double>& figures) {
  if (figures.empty()) return {};
  const auto n = static_cast<double>(figures.size());
  const double mean = std::accumulate(figures.begin(), figures.end(), 0.0) / n;
  if (figures.size() == 1) return {mean, std::nullopt};
  double squares = 0;
  for (const double figure : figures) squares += (figure - mean) * (figure - mean);
  return {mean, std::sqrt(squares / (n - 1))};
}

double student_quantile(int64_t degrees, double within) {
  double low = 0, high = std::numbers::pi / 2;
  for (int halving = 0; halving < 60; ++halving) {  // then the two are neighbors
    const double middle = (low + high) / 2;
    (student_within(degrees, middle) < within ? low : high) = middle;
  }
  return std::sqrt(static_cast<double>(degrees)) * std::tan(low);
}

Interval interval_of(const std::vector<double>& figures) {
  const auto spread = spread_of(figures);
  if (!spread.deviation) return {.mean = spread.mean, .low = {}, .high = {}};
  const auto n = static_cast<int64_t>(figures.size());
  const double half = student_quantile(n - 1, kWithin) * *spread.deviation / std::sqrt(static_cast<double>(n));
  return {spread.mean, spread.mean - half, spread.mean + half};
}

}  // namespace leaf
