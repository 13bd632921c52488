#include "leaf/photos/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leaf/pictures/charts/canvas.h"

namespace leaf {
namespace {

constexpr Color kFrame = {255, 196, 0}, kInk = {20, 20, 20};

/// A filled rectangle; what lies outside the picture is cut off.
void fill(Image& picture, double left, double top, double width, double height, Color color) {
  const auto bounded = [](double value, int64_t most) {
    return static_cast<int64_t>(std::clamp(value, 0.0, static_cast<double>(most)));
  };
  const int64_t right = bounded(left + width, picture.width), bottom = bounded(top + height, picture.height);
  for (int64_t y = bounded(top, picture.height); y < bottom; ++y) {
    for (int64_t x = bounded(left, picture.width); x < right; ++x) std::copy(color.begin(), color.end(), picture.row(y) + x * 3);
  }
}

/// Another picture at (left, top); what lies outside is cut off.
void lay(Image& picture, const Image& patch, int64_t left, int64_t top) {
  for (int64_t y = std::max<int64_t>(0, -top); y < std::min(patch.height, picture.height - top); ++y) {
    const int64_t from = std::max<int64_t>(0, -left), to = std::min(patch.width, picture.width - left);
    if (from < to) std::copy_n(patch.row(y) + from * 3, (to - from) * 3, picture.row(top + y) + (left + from) * 3);
  }
}

void frame(Image& picture, const Rectangle& box, double thick) {
  fill(picture, box.left, box.top, box.width, thick, kFrame);
  fill(picture, box.left, box.top + box.height - thick, box.width, thick, kFrame);
  fill(picture, box.left, box.top, thick, box.height, kFrame);
  fill(picture, box.left + box.width - thick, box.top, thick, box.height, kFrame);
}

}  // namespace

Image overlay(Image picture, const std::vector<Reading>& readings, const std::vector<std::string>& classes) {
  const double thick = std::max(1.0, std::round(static_cast<double>(std::min(picture.height, picture.width)) / 250));
  const double letters = std::clamp(6 * thick, 9.0, 60.0);
  for (const auto& reading : readings) {
    if (reading.probabilities.empty()) continue;
    const auto best = std::max_element(reading.probabilities.begin(), reading.probabilities.end());
    auto text = fmt::format("{} {:.0f} %", classes[best - reading.probabilities.begin()], 100 * *best);
    if (reading.track >= 0) text = fmt::format("{}: {}", reading.track, text);
    const auto box = reading.face ? reading.face->box
                                  : Rectangle{0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
    if (reading.face) frame(picture, box, thick);
    const auto height = static_cast<int64_t>(std::lround(2 * letters));
    const auto width = static_cast<int64_t>(std::lround(Canvas::text_width(text, letters) + letters));
    Canvas label(height, width, kFrame);
    label.text(letters / 2, static_cast<double>(height) / 2, text, letters, kInk);
    const double above = box.top - static_cast<double>(height);
    lay(picture, label.image(),
        std::llround(std::clamp(box.left, 0.0, std::max(0.0, static_cast<double>(picture.width - width)))),
        std::llround(above >= 0 ? above : std::max(0.0, box.top)));
  }
  return picture;
}

}  // namespace leaf
