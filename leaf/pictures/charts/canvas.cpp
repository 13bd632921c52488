#include "leaf/pictures/charts/canvas.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace leaf {
namespace {

constexpr int kFine = 4;   // the sheet is that many times finer
constexpr int kShift = 4;  // and OpenCV is told sixteenths of its pixels
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kCapital = 21;   // height of the font's capitals at scale 1, pixels
constexpr double kStroke = 0.13;  // thickness of a letter's lines to its height

int fine(double value) { return static_cast<int>(std::lround(value * kFine)); }

cv::Point point(double x, double y) {  // pixel centers are at halves for us, at integers for OpenCV
  const auto place = [](double value) { return static_cast<int>(std::lround((value * kFine - 0.5) * (1 << kShift))); };
  return {place(x), place(y)};
}

cv::Scalar scalar(Color color) { return {double(color[0]), double(color[1]), double(color[2])}; }

cv::Mat matrix(Image& image) {
  return {static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3, image.pixels.data()};
}

double font_scale(double size) { return size * kFine / kCapital; }

int font_thickness(double size) { return std::max(1, static_cast<int>(std::lround(size * kFine * kStroke))); }

/// The text in white on black with a margin of its thickness and room below for descenders; capitals end at row `margin + size`.
struct Mask {
  cv::Mat pixels;
  int margin;
};

Mask draw_text(const std::string& text, double size) {
  const int thickness = font_thickness(size), margin = fine(size);
  const int width = cv::getTextSize(text, kFont, font_scale(size), thickness, nullptr).width;
  Mask mask = {cv::Mat::zeros(fine(size) + 2 * margin, width + 2 * margin, CV_8U), margin};
  cv::putText(mask.pixels, text, {margin, margin + fine(size)}, kFont, font_scale(size), {255}, thickness, cv::LINE_AA);
  return mask;
}

uint8_t mix(uint8_t from, uint8_t to, int share) { return static_cast<uint8_t>((from * (255 - share) + to * share + 127) / 255); }

/// Lays the color on the sheet where the mask is white, its corner at (left, top).
void stamp(Image& sheet, const cv::Mat& mask, int left, int top, Color color) {
  for (int y = std::max(0, -top); y < mask.rows && top + y < sheet.height; ++y) {
    for (int x = std::max(0, -left); x < mask.cols && left + x < sheet.width; ++x) {
      const uint8_t share = mask.ptr(y)[x];
      if (share == 0) continue;
      uint8_t* pixel = sheet.row(top + y) + 3 * (left + x);
      for (int c = 0; c < 3; ++c) pixel[c] = mix(pixel[c], color[c], share);
    }
  }
}

/// How much of the length lies before the point.
double share_before(Align align) { return align == Align::left ? 0 : align == Align::center ? 0.5 : 1; }

}  // namespace

bool can_draw() { return true; }

Canvas::Canvas(int64_t height, int64_t width, Color background) : sheet_(height * kFine, width * kFine, background) {}

void Canvas::rectangle(double left, double top, double width, double height, Color color) {
  const int64_t x0 = std::max(fine(left), 0), x1 = std::min<int64_t>(fine(left + width), sheet_.width);
  const int64_t y0 = std::max(fine(top), 0), y1 = std::min<int64_t>(fine(top + height), sheet_.height);
  for (int64_t y = y0; y < y1; ++y) {
    for (int64_t x = x0; x < x1; ++x) std::copy_n(color.data(), 3, sheet_.row(y) + 3 * x);
  }
}

void Canvas::line(double x0, double y0, double x1, double y1, Color color, double thickness) {
  cv::Mat sheet = matrix(sheet_);
  cv::line(sheet, point(x0, y0), point(x1, y1), scalar(color), std::max(1, fine(thickness)), cv::LINE_AA, kShift);
}

void Canvas::polygon(const std::vector<std::pair<double, double>>& corners, Color color, double opacity) {
  if (corners.size() < 3) return;
  std::vector<std::vector<cv::Point>> points(1);
  for (const auto& [x, y] : corners) points[0].push_back(point(x, y));
  cv::Mat mask = cv::Mat::zeros(static_cast<int>(sheet_.height), static_cast<int>(sheet_.width), CV_8U);
  cv::fillPoly(mask, points, {std::clamp(opacity, 0.0, 1.0) * 255}, cv::LINE_AA, kShift);
  stamp(sheet_, mask, 0, 0, color);
}

void Canvas::text(double x, double y, const std::string& text, double size, Color color, Align align) {
  if (text.empty()) return;
  const auto mask = draw_text(text, size);
  const double left = x - share_before(align) * text_width(text, size), top = y - size / 2;
  stamp(sheet_, mask.pixels, fine(left) - mask.margin, fine(top) - mask.margin, color);
}

void Canvas::upward_text(double x, double y, const std::string& text, double size, Color color, Align align) {
  if (text.empty()) return;
  const auto mask = draw_text(text, size);
  const double left = x - size / 2, top = y - (1 - share_before(align)) * text_width(text, size);
  const cv::Mat turned = [&] {
    cv::Mat result;
    cv::rotate(mask.pixels, result, cv::ROTATE_90_COUNTERCLOCKWISE);
    return result;
  }();
  stamp(sheet_, turned, fine(left) - mask.margin, fine(top) - mask.margin, color);
}

double Canvas::text_width(const std::string& text, double size) {
  return cv::getTextSize(text, kFont, font_scale(size), font_thickness(size), nullptr).width / static_cast<double>(kFine);
}

Image Canvas::image() const {
  Image result(sheet_.height / kFine, sheet_.width / kFine);
  std::vector<int> sums(static_cast<size_t>(result.width) * 3);
  for (int64_t y = 0; y < result.height; ++y) {
    std::fill(sums.begin(), sums.end(), kFine * kFine / 2);
    for (int part = 0; part < kFine; ++part) {
      const uint8_t* from = sheet_.row(y * kFine + part);
      for (int64_t x = 0; x < sheet_.width; ++x, from += 3) {
        for (int c = 0; c < 3; ++c) sums[x / kFine * 3 + c] += from[c];
      }
    }
    std::transform(sums.begin(), sums.end(), result.row(y), [](int sum) { return static_cast<uint8_t>(sum / (kFine * kFine)); });
  }
  return result;
}

}  // namespace leaf
