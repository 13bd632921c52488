#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leaf/pictures/charts/canvas.h"
#include "leaf/recognize/explain.h"
#include "leaf/views/resize.h"

namespace leaf {
namespace {

constexpr Color kInk = {40, 40, 40}, kSoft = {110, 110, 110}, kBar = {150, 178, 208}, kBest = {23, 84, 150};
constexpr double kLetters = 9, kTitle = 11, kLine = 22;  // heights, pixels
constexpr int64_t kMargin = 20, kFace = 224, kBarLength = 180;

/// Blue where nothing, over green and yellow, to red where everything speaks for the class.
Color heat_color(double value) {
  const auto part = [&](double center) {
    return static_cast<uint8_t>(std::lround(255 * std::clamp(1.5 - std::abs(4 * value - center), 0.0, 1.0)));
  };
  return {part(3), part(2), part(1)};
}

/// The heat [h, w] at a place of the square, 0…1 in both directions: between the centers of its pixels in proportion.
double heat_at(const torch::TensorAccessor<float, 2>& heat, double y, double x) {
  const auto side = [](double share, int64_t n, int64_t& first, int64_t& second) {
    const double place = std::clamp(share * static_cast<double>(n) - 0.5, 0.0, static_cast<double>(n - 1));
    first = static_cast<int64_t>(place);
    second = std::min(first + 1, n - 1);
    return place - static_cast<double>(first);
  };
  int64_t top = 0, bottom = 0, left = 0, right = 0;
  const double down = side(y, heat.size(0), top, bottom), along = side(x, heat.size(1), left, right);
  return (1 - down) * ((1 - along) * heat[top][left] + along * heat[top][right]) +
         down * ((1 - along) * heat[bottom][left] + along * heat[bottom][right]);
}

Image heated(Image face, const torch::Tensor& heat) {
  constexpr double kOpacity = 0.5;
  const auto values = heat.to(torch::kFloat32).contiguous();
  const auto accessor = values.accessor<float, 2>();
  for (int64_t y = 0; y < face.height; ++y) {
    for (int64_t x = 0; x < face.width; ++x) {
      const auto middle = [](int64_t at, int64_t n) { return (static_cast<double>(at) + 0.5) / static_cast<double>(n); };
      const auto color = heat_color(heat_at(accessor, middle(y, face.height), middle(x, face.width)));
      uint8_t* pixel = face.row(y) + 3 * x;
      for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uint8_t>(std::lround((1 - kOpacity) * pixel[c] + kOpacity * color[c]));
    }
  }
  return face;
}

void lay(Image& sheet, const Image& part, int64_t left, int64_t top) {
  for (int64_t y = 0; y < part.height; ++y) std::copy_n(part.row(y), part.width * 3, sheet.row(top + y) + 3 * left);
}

std::string experts_line(const UsedExperts& level) {
  std::string text = level.level + " level, experts:";
  for (const auto& [number, value] : level.experts) text += fmt::format("  {} ({:.2f})", number, value);
  return text;
}

}  // namespace

Image explanation_picture(const Explanation& explanation, const std::vector<std::string>& classes) {
  const auto predicted = static_cast<size_t>(explanation.predicted);
  double widest = 0, longest = 0;
  for (const auto& name : classes) widest = std::max(widest, Canvas::text_width(name, kLetters));
  for (const auto& level : explanation.levels) longest = std::max(longest, Canvas::text_width(experts_line(level), kLetters));
  const double bars = 3 * kMargin + 2 * kFace, first = kMargin + kTitle + 18;
  const double right = bars + widest + 10 + kBarLength + 10 + Canvas::text_width("100.0 %", kLetters);
  const double width = std::max(right, kMargin + longest) + kMargin;
  const double tall = std::max<double>(kFace, kLine * static_cast<double>(classes.size()));
  const double height = first + tall + kLine * static_cast<double>(explanation.levels.size()) + kMargin;
  Canvas canvas(std::llround(height), std::llround(width));
  canvas.text(kMargin, kMargin + kTitle / 2, "the face", kTitle, kSoft);
  canvas.text(2 * kMargin + kFace, kMargin + kTitle / 2, "what speaks for " + classes[predicted], kTitle, kSoft);
  canvas.text(bars, kMargin + kTitle / 2, "probabilities", kTitle, kSoft);
  for (size_t c = 0; c < classes.size(); ++c) {
    const double y = first + kLine * (static_cast<double>(c) + 0.5), left = bars + widest + 10;
    const double length = kBarLength * explanation.probabilities[c];
    canvas.text(bars + widest, y, classes[c], kLetters, kInk, Align::right);
    canvas.rectangle(left, y - kLine / 2 + 3, std::max(length, 1.0), kLine - 6, c == predicted ? kBest : kBar);
    canvas.text(left + length + 8, y, fmt::format("{:.1f} %", 100 * explanation.probabilities[c]), kLetters, kInk);
  }
  for (size_t i = 0; i < explanation.levels.size(); ++i)
    canvas.text(kMargin, first + tall + kLine * (static_cast<double>(i) + 0.75), experts_line(explanation.levels[i]), kLetters,
                kInk);
  auto sheet = canvas.image();
  const auto face = resize(explanation.view, kFace, kFace);
  lay(sheet, face, kMargin, std::llround(first));
  lay(sheet, heated(face, explanation.heat), 2 * kMargin + kFace, std::llround(first));
  return sheet;
}

}  // namespace leaf
