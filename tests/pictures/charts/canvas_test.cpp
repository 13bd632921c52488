#include "leaf/pictures/charts/canvas.h"

#include <gtest/gtest.h>

namespace leaf {
namespace {

constexpr Color kRed = {200, 0, 0};

Color at(const Image& image, int64_t y, int64_t x) {
  const uint8_t* pixel = image.row(y) + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

/// The first and last column that is not white; {width, −1} when all are.
std::pair<int64_t, int64_t> inked_columns(const Image& image) {
  std::pair<int64_t, int64_t> columns = {image.width, -1};
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width; ++x) {
      if (at(image, y, x) != kWhite) columns = {std::min(columns.first, x), std::max(columns.second, x)};
    }
  }
  return columns;
}

TEST(Canvas, FillsRectanglesExactly) {
  Canvas canvas(6, 8);
  canvas.rectangle(2, 1, 3, 2, kRed);
  const auto image = canvas.image();
  ASSERT_EQ(image.height, 6);
  ASSERT_EQ(image.width, 8);
  for (int64_t y = 0; y < 6; ++y) {
    for (int64_t x = 0; x < 8; ++x) EXPECT_EQ(at(image, y, x), x >= 2 && x < 5 && y >= 1 && y < 3 ? kRed : kWhite);
  }
}

TEST(Canvas, CutsOffWhatLiesOutside) {
  Canvas canvas(20, 20);
  canvas.rectangle(-5, -5, 8, 8, kRed);
  canvas.line(-10, 10, 40, 10, kRed, 2);
  canvas.text(-3, 19, "outside", 12, kRed);
  canvas.upward_text(19, 2, "outside", 12, kRed);
  canvas.polygon({{-9, -9}, {50, 10}, {3, 60}}, kRed, 0.5);
  const auto image = canvas.image();
  EXPECT_EQ(at(image, 0, 0), kRed);
  EXPECT_EQ(at(image, 10, 19), kRed);
}

TEST(Canvas, DrawsLinesOfTheirThickness) {
  Canvas canvas(20, 20);
  canvas.line(3, 10, 17, 10, kRed, 4);
  const auto image = canvas.image();
  EXPECT_EQ(at(image, 10, 10), kRed);
  EXPECT_EQ(at(image, 9, 10), kRed);
  EXPECT_EQ(at(image, 5, 10), kWhite);
  EXPECT_EQ(at(image, 15, 10), kWhite);
}

TEST(Canvas, LetsWhatLiesBelowThrough) {
  Canvas canvas(10, 10);
  canvas.polygon({{0, 0}, {10, 0}, {10, 10}, {0, 10}}, {0, 0, 0}, 0.5);
  EXPECT_NEAR(at(canvas.image(), 5, 5)[0], 128, 1);
}

TEST(Canvas, AlignsTextByItsMeasuredWidth) {
  const std::string text = "happiness";
  const double width = Canvas::text_width(text, 10);
  EXPECT_GT(width, 50);
  EXPECT_LT(width, 100);
  EXPECT_NEAR(Canvas::text_width(text, 20), 2 * width, 4);
  for (const auto& [align, left] :
       {std::pair(Align::left, 150.0), {Align::center, 150 - width / 2}, {Align::right, 150 - width}}) {
    Canvas canvas(40, 300);
    canvas.text(150, 20, text, 10, kRed, align);
    const auto [first, last] = inked_columns(canvas.image());
    EXPECT_NEAR(static_cast<double>(first), left, 3);
    EXPECT_NEAR(static_cast<double>(last), left + width, 3);
  }
}

TEST(Canvas, WritesUpwards) {
  Canvas canvas(300, 40);
  canvas.upward_text(20, 290, "III", 10, kRed);
  const auto image = canvas.image();
  const auto [first, last] = inked_columns(image);
  EXPECT_NEAR(static_cast<double>(first), 15, 2);
  EXPECT_NEAR(static_cast<double>(last), 25, 2);
}

}  // namespace
}  // namespace leaf
