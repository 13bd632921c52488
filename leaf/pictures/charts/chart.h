#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/pictures/image.h"

namespace leaf {

/// A confusion matrix as a picture: a row for each true class, a column for each predicted one; each cell holds the share of its
/// row, which also shades it, and the count. `counts` [C, C]; throws std::logic_error when it is not, or when C = 0.
Image confusion_picture(const std::vector<std::string>& classes, const std::vector<std::vector<int64_t>>& counts,
                        const std::string& title);

/// One line of a chart.
struct Series {
  std::string name;
  std::vector<double> x, y;    ///< of the same length; points that are not finite, or beyond 1e100, leave a gap
  std::vector<double> spread;  ///< half the height of the shaded band at each x; empty = no band
};

/// A chart of lines over common axes, their range and ticks chosen from the points.
struct LineChart {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  bool logarithmic_x = false;  ///< points at x ≤ 0 leave a gap
  bool from_zero = false;      ///< the axis of y begins at 0
};

/// The chart as a picture of 900 × 540 pixels. Throws std::logic_error when the lengths of a series differ.
Image line_chart(const LineChart& chart);

}  // namespace leaf
