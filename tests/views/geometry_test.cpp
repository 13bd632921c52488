#include "leaf/views/geometry.h"

#include <gtest/gtest.h>

namespace leaf {
namespace {

/// Every pixel another color.
Image numbered(int64_t height, int64_t width) {
  Image image(height, width);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i + 1);
  return image;
}

Color at(const Image& image, int64_t y, int64_t x) {
  const uint8_t* pixel = image.row(y) + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

constexpr Color kBlack = {0, 0, 0};

TEST(Translate, IsAFractionOfItsOwnSide) {
  const auto face = numbered(5, 10);
  const auto left = translate_x(face, 0.2), up = translate_y(face, 0.2);
  EXPECT_EQ(at(left, 1, 0), at(face, 1, 2));
  EXPECT_EQ(at(left, 1, 8), kBlack);
  EXPECT_EQ(at(up, 0, 3), at(face, 1, 3));
  EXPECT_EQ(at(up, 4, 3), kBlack);
  EXPECT_EQ(translate_x(face, 2), Image(5, 10));
}

TEST(Shear, MovesRowsAndColumns) {
  const auto face = numbered(8, 8);
  EXPECT_EQ(at(shear_x(face, 0.5), 4, 0), at(face, 4, 2));
  EXPECT_EQ(at(shear_y(face, 0.5), 0, 4), at(face, 2, 4));
  EXPECT_EQ(at(shear_x(face, -0.5), 4, 0), kBlack);
  EXPECT_EQ(shear_x(face, 0), face);
}

TEST(Rotate, TakesQuarterTurnsExactly) {
  const auto face = numbered(5, 5);
  const auto quarter = rotate(face, 90);
  EXPECT_EQ(at(quarter, 0, 0), at(face, 0, 4));
  EXPECT_EQ(at(quarter, 4, 0), at(face, 0, 0));
  EXPECT_EQ(rotate(quarter, 90), rotate(face, 180));
  EXPECT_EQ(rotate(rotate(face, 180), 90), rotate(face, 270));
  EXPECT_EQ(rotate(face, -90), rotate(face, 270));
  EXPECT_EQ(rotate(face, 360), face);
  const auto wide = numbered(3, 6);
  EXPECT_EQ(rotate(rotate(wide, 180), 180), wide);
}

TEST(Rotate, KeepsTheCenter) {
  const auto face = numbered(9, 9);
  for (double degrees = -30; degrees <= 30; degrees += 7) EXPECT_EQ(at(rotate(face, degrees), 4, 4), at(face, 4, 4));
  EXPECT_EQ(at(rotate(face, 30), 0, 0), kBlack);
}

TEST(Flip, IsItsOwnInverse) {
  const auto face = numbered(3, 4);
  EXPECT_EQ(at(flip(face), 1, 0), at(face, 1, 3));
  EXPECT_EQ(flip(flip(face)), face);
}

TEST(PadAndCrop, IsBlackOutside) {
  const auto face = numbered(3, 3);
  EXPECT_EQ(pad_and_crop(face, 2, 2, 2, 3, 3), face);
  const auto corner = pad_and_crop(face, 2, 0, 0, 3, 3);
  EXPECT_EQ(at(corner, 2, 2), at(face, 0, 0));
  EXPECT_EQ(at(corner, 1, 2), kBlack);
  EXPECT_EQ(pad_and_crop(face, 9, 0, 0, 3, 3), Image(3, 3));
}

}  // namespace
}  // namespace leaf
