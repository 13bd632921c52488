#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace leaf {

/// Mean and sample standard deviation (divided by n − 1) of n figures.
struct Spread {
  double mean = 0;                  ///< 0 for n = 0
  std::optional<double> deviation;  ///< only for n ≥ 2
};
Spread spread_of(const std::vector<double>& figures);

/// The t ≥ 0 for which a variable of Student's distribution with `degrees` ≥ 1 degrees of freedom lies in [−t, t] with the
/// probability `within`, in (0, 1).
double student_quantile(int64_t degrees, double within);

/// A mean and its 95 % interval: mean ± t · deviation / √n, by Student's distribution with n − 1 degrees of freedom.
struct Interval {
  double mean = 0;                  ///< 0 for n = 0
  std::optional<double> low, high;  ///< only for n ≥ 2
};
Interval interval_of(const std::vector<double>& figures);

}  // namespace leaf
