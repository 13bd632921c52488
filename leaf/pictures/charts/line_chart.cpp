#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/charts/chart.h"

namespace leaf {
namespace {

constexpr int64_t kHeight = 540, kWidth = 900;
constexpr double kTop = 56, kBottom = 470, kLetters = 8.5, kTitle = 12;
constexpr Color kInk = {40, 40, 40}, kSoft = {110, 110, 110}, kGrid = {228, 231, 235};
// Okabe and Ito's colors, told apart by the color-blind, then some of Tol's for charts of many lines.
constexpr std::array<Color, 12> kColors = {{{0, 114, 178},
                                            {213, 94, 0},
                                            {0, 158, 115},
                                            {204, 121, 167},
                                            {230, 159, 0},
                                            {86, 180, 233},
                                            {90, 90, 90},
                                            {51, 34, 136},
                                            {136, 34, 85},
                                            {153, 153, 51},
                                            {17, 119, 51},
                                            {200, 200, 60}}};

constexpr double kLargest = 1e100;  // larger numbers are no measurements: they leave a gap, as infinite ones do

bool drawable(double value) { return std::abs(value) <= kLargest; }

enum class Scale { rounded, exact, logarithmic };  // rounded: the range grows to the next ticks

/// From values to pixels along one axis, with round numbers at its ticks.
class Axis {
 public:
  Axis(double low, double high, Scale scale) : logarithmic_(scale == Scale::logarithmic) {
    if (!(low <= high)) low = logarithmic_ ? 1 : 0, high = logarithmic_ ? 10 : 1;  // no points
    const double around = logarithmic_ ? low / 2 : std::max(0.5, std::abs(low) / 10);
    if (low == high) low -= around, high += around;
    low_ = low, high_ = high;
    if (logarithmic_) place_powers();
    if (ticks_.size() < 2) place_steps(scale == Scale::rounded);
  }

  void map_to(double begin, double end) { begin_ = begin, end_ = end; }
  double place(double value) const {
    return begin_ + (end_ - begin_) * (scaled(value) - scaled(low_)) / (scaled(high_) - scaled(low_));
  }
  bool shows(double value) const { return drawable(value) && (!logarithmic_ || value > 0); }
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  double scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }

  void place_steps(bool rounded) {  // 1, 2 or 5 times a power of ten
    const double rough = (high_ - low_) / 6, power = std::pow(10, std::floor(std::log10(rough)));
    const double step = power * (rough > 5 * power ? 10 : rough > 2 * power ? 5 : rough > power ? 2 : 1);
    const double first = rounded ? std::floor(low_ / step + 1e-9) : std::ceil(low_ / step - 1e-9);
    const double last = rounded ? std::ceil(high_ / step - 1e-9) : std::floor(high_ / step + 1e-9);
    ticks_.clear();
    for (int i = 0; i <= static_cast<int>(last - first); ++i) ticks_.push_back((first + i) * step);
    if (rounded) low_ = ticks_.front(), high_ = ticks_.back();
  }

  void place_powers() {
    const bool few = high_ / low_ < 1000;
    for (double power = std::pow(10, std::floor(std::log10(low_))); power <= high_; power *= 10) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        if ((few || factor == 1) && power * factor >= low_ * 0.999 && power * factor <= high_ * 1.001)
          ticks_.push_back(power * factor);
      }
    }
  }

  bool logarithmic_;
  double low_, high_, begin_ = 0, end_ = 1;
  std::vector<double> ticks_;
};

double spread_at(const Series& series, size_t i) {
  return series.spread.empty() || !drawable(series.spread[i]) ? 0 : series.spread[i];
}

std::array<Axis, 2> make_axes(const LineChart& chart) {
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  double x_low = kEnd, x_high = -kEnd, y_low = kEnd, y_high = -kEnd;
  for (const auto& series : chart.series) {
    for (size_t i = 0; i < series.x.size(); ++i) {
      if (!drawable(series.x[i]) || !drawable(series.y[i]) || (chart.logarithmic_x && series.x[i] <= 0)) continue;
      const double spread = spread_at(series, i);
      x_low = std::min(x_low, series.x[i]), x_high = std::max(x_high, series.x[i]);
      y_low = std::min(y_low, series.y[i] - spread), y_high = std::max(y_high, series.y[i] + spread);
    }
  }
  if (chart.from_zero) y_low = std::min(y_low, 0.0);
  return {Axis(x_low, x_high, chart.logarithmic_x ? Scale::logarithmic : Scale::exact), Axis(y_low, y_high, Scale::rounded)};
}

std::string label_of(double value) { return std::abs(value) < 1e-12 ? "0" : fmt::format("{:.6g}", value); }

double longest(const std::vector<std::string>& texts) {
  double width = 0;
  for (const auto& text : texts) width = std::max(width, Canvas::text_width(text, kLetters));
  return width;
}

void draw_axes(Canvas& canvas, const LineChart& chart, const Axis& x, const Axis& y, double left, double right) {
  for (const double tick : y.ticks()) {
    canvas.line(left, y.place(tick), right, y.place(tick), kGrid);
    canvas.text(left - 8, y.place(tick), label_of(tick), kLetters, kSoft, Align::right);
  }
  for (const double tick : x.ticks()) {
    canvas.line(x.place(tick), kTop, x.place(tick), kBottom, kGrid);
    canvas.text(x.place(tick), kBottom + 16, label_of(tick), kLetters, kSoft, Align::center);
  }
  canvas.line(left, kBottom, right, kBottom, kSoft);
  canvas.line(left, kTop, left, kBottom, kSoft);
  canvas.text(left, 28, chart.title, kTitle, kInk);
  canvas.text((left + right) / 2, kBottom + 44, chart.x_label, kLetters, kInk, Align::center);
  canvas.upward_text(20, (kTop + kBottom) / 2, chart.y_label, kLetters, kInk, Align::center);
}

/// The runs of points between gaps, as index ranges.
std::vector<std::pair<size_t, size_t>> runs_of(const Series& series, const Axis& x, const Axis& y) {
  std::vector<std::pair<size_t, size_t>> runs;
  bool open = false;
  for (size_t i = 0; i < series.x.size(); ++i) {
    const bool shown = x.shows(series.x[i]) && y.shows(series.y[i]);
    if (shown && !open) runs.emplace_back(i, i);
    if (shown) runs.back().second = i + 1;
    open = shown;
  }
  return runs;
}

void draw_band(Canvas& canvas, const Series& series, const Axis& x, const Axis& y, Color color) {
  if (series.spread.empty()) return;
  for (const auto& [begin, end] : runs_of(series, x, y)) {
    std::vector<std::pair<double, double>> corners;
    for (size_t i = begin; i < end; ++i) corners.emplace_back(x.place(series.x[i]), y.place(series.y[i] + spread_at(series, i)));
    for (size_t i = end; i-- > begin;) corners.emplace_back(x.place(series.x[i]), y.place(series.y[i] - spread_at(series, i)));
    canvas.polygon(corners, color, 0.18);
  }
}

void draw_line(Canvas& canvas, const Series& series, const Axis& x, const Axis& y, Color color) {
  const bool dots = series.x.size() <= 30;
  for (const auto& [begin, end] : runs_of(series, x, y)) {
    for (size_t i = begin; i < end; ++i) {
      const double px = x.place(series.x[i]), py = y.place(series.y[i]);
      if (i + 1 < end) canvas.line(px, py, x.place(series.x[i + 1]), y.place(series.y[i + 1]), color, 2);
      if (dots || end - begin == 1) canvas.line(px, py, px, py, color, 6);
    }
  }
}

}  // namespace

Image line_chart(const LineChart& chart) {
  std::vector<std::string> names;
  for (const auto& series : chart.series) {
    if (series.x.size() != series.y.size() || (!series.spread.empty() && series.spread.size() != series.x.size())) {
      throw std::logic_error("line_chart needs x, y and spread of one length");
    }
    names.push_back(series.name);
  }
  auto [x, y] = make_axes(chart);
  std::vector<std::string> labels;
  for (const double tick : y.ticks()) labels.push_back(label_of(tick));
  const double left = 44 + longest(labels), legend = std::min(longest(names), 260.0),
               right = kWidth - 24 - (legend > 0 ? legend + 48 : 0);
  x.map_to(left, right);
  y.map_to(kBottom, kTop);
  Canvas canvas(kHeight, kWidth);
  draw_axes(canvas, chart, x, y, left, right);
  for (size_t i = 0; i < names.size(); ++i) draw_band(canvas, chart.series[i], x, y, kColors[i % kColors.size()]);
  for (size_t i = 0; i < names.size(); ++i) draw_line(canvas, chart.series[i], x, y, kColors[i % kColors.size()]);
  for (size_t i = 0; i < names.size(); ++i) {
    const double row = kTop + 12 + 24 * static_cast<double>(i);
    canvas.line(right + 18, row, right + 40, row, kColors[i % kColors.size()], 3);
    canvas.text(right + 48, row, names[i], kLetters, kInk);
  }
  return canvas.image();
}

}  // namespace leaf
