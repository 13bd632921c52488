#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/charts/chart.h"

namespace leaf {
namespace {

constexpr Color kInk = {40, 40, 40}, kSoft = {110, 110, 110}, kBorder = {200, 206, 214}, kDeep = {23, 84, 150};
constexpr double kName = 9, kTitle = 12, kShare = 9, kCount = 7;  // heights of letters, pixels
constexpr double kMargin = 20;

Color shade(double share) {
  Color color;
  for (int c = 0; c < 3; ++c) color[c] = static_cast<uint8_t>(255 + (kDeep[c] - 255) * share + 0.5);
  return color;
}

/// Where the cells lie and how the names above them run.
struct Grid {
  double cell, left, top;
  int64_t height, width;
  bool upright_names;  // names of columns too long for their cell are written upwards
};

Grid make_grid(const std::vector<std::string>& classes, const std::string& title) {
  double longest = 0;
  for (const auto& name : classes) longest = std::max(longest, Canvas::text_width(name, kName));
  Grid grid{};
  grid.cell = std::clamp(longest + 12, 64.0, 92.0);
  grid.upright_names = longest + 8 > grid.cell;
  grid.left = kMargin + kName + 18 + longest + 10;
  grid.top = kMargin + kTitle + 22 + kName + 18 + (grid.upright_names ? longest : kName) + 10;
  const double side = grid.cell * static_cast<double>(classes.size());
  grid.width = static_cast<int64_t>(std::max(grid.left + side, kMargin + Canvas::text_width(title, kTitle)) + kMargin);
  grid.height = static_cast<int64_t>(grid.top + side + kMargin);
  return grid;
}

void draw_names(Canvas& canvas, const Grid& grid, const std::vector<std::string>& classes, const std::string& title) {
  const double middle = grid.cell * static_cast<double>(classes.size()) / 2;
  canvas.text(kMargin, kMargin + kTitle / 2, title, kTitle, kInk);
  canvas.text(grid.left + middle, kMargin + kTitle + 22 + kName / 2, "predicted", kName, kSoft, Align::center);
  canvas.upward_text(kMargin + kName / 2, grid.top + middle, "true", kName, kSoft, Align::center);
  for (size_t i = 0; i < classes.size(); ++i) {
    const double center = (static_cast<double>(i) + 0.5) * grid.cell;
    canvas.text(grid.left - 10, grid.top + center, classes[i], kName, kInk, Align::right);
    if (grid.upright_names) {
      canvas.upward_text(grid.left + center, grid.top - 10, classes[i], kName, kInk);
    } else {
      canvas.text(grid.left + center, grid.top - 10 - kName / 2, classes[i], kName, kInk, Align::center);
    }
  }
}

void draw_cell(Canvas& canvas, const Grid& grid, size_t row, size_t column, int64_t count, int64_t total) {
  const double x = grid.left + static_cast<double>(column) * grid.cell, y = grid.top + static_cast<double>(row) * grid.cell;
  const double share = total > 0 ? static_cast<double>(count) / static_cast<double>(total) : 0;
  canvas.rectangle(x, y, grid.cell, grid.cell, kBorder);
  canvas.rectangle(x + 0.5, y + 0.5, grid.cell - 1, grid.cell - 1, shade(share));
  const bool dark = share > 0.5;
  const double middle = grid.cell / 2;
  const std::string text = total == 0 ? "-" : fmt::format("{:.1f}%", 100 * share);
  canvas.text(x + middle, y + middle - 8, text, kShare, dark ? kWhite : kInk, Align::center);
  canvas.text(x + middle, y + middle + 10, fmt::format("{}", count), kCount, dark ? kWhite : kSoft, Align::center);
}

}  // namespace

Image confusion_picture(const std::vector<std::string>& classes, const std::vector<std::vector<int64_t>>& counts,
                        const std::string& title) {
  const auto complete = [&](const auto& row) { return row.size() == classes.size(); };
  if (classes.empty() || !complete(counts) || !std::ranges::all_of(counts, complete)) {
    throw std::logic_error("confusion_picture needs as many rows and columns as classes");
  }
  const auto grid = make_grid(classes, title);
  Canvas canvas(grid.height, grid.width);
  draw_names(canvas, grid, classes, title);
  for (size_t row = 0; row < classes.size(); ++row) {
    const int64_t total = std::accumulate(counts[row].begin(), counts[row].end(), int64_t{0});
    for (size_t column = 0; column < classes.size(); ++column) draw_cell(canvas, grid, row, column, counts[row][column], total);
  }
  return canvas.image();
}

}  // namespace leaf
