#include "leaf/faces/alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace leaf {
namespace {

/// A face whose eyes and mouth are where they are told, every point of a part at its center.
Face face_with(Point left_eye, Point right_eye, Point mouth) {
  Face face;
  face.landmarks.resize(kLandmarks);
  for (int64_t i = 36; i < kLandmarks; ++i) face.landmarks[i] = i < 42 ? left_eye : i < 48 ? right_eye : mouth;
  return face;
}

/// A photo whose red is x, green is y.
Image coordinates(int64_t height, int64_t width) {
  Image photo(height, width);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      photo.row(y)[x * 3] = static_cast<uint8_t>(x);
      photo.row(y)[x * 3 + 1] = static_cast<uint8_t>(y);
    }
  }
  return photo;
}

TEST(Rectangle, CoversItselfAndNothingBeside) {
  const Rectangle a{0, 0, 10, 10};
  EXPECT_DOUBLE_EQ(intersection_over_union(a, a), 1);
  EXPECT_DOUBLE_EQ(intersection_over_union(a, {10, 0, 10, 10}), 0);
  EXPECT_DOUBLE_EQ(intersection_over_union(a, {5, 0, 10, 10}), 50.0 / 150);
}

TEST(FaceSquare, FollowsFromEyesAndMouth) {
  const auto square = face_square(face_with({40, 40}, {60, 40}, {50, 64}), 0);
  EXPECT_NEAR(square.side, std::hypot(10, 24) / 0.45, 1e-9);
  EXPECT_NEAR(square.center.x, 50, 1e-9);
  EXPECT_NEAR(square.center.y, 48, 1e-9);
  EXPECT_NEAR(square.angle, 0, 1e-9);
}

TEST(FaceSquare, LeansAsTheEyesDo) {
  const auto square = face_square(face_with({40, 40}, {40, 60}, {16, 50}), 0);  // the top of the head points right
  EXPECT_NEAR(square.angle, 90, 1e-9);
}

TEST(FaceSquare, HasARim) {
  const auto face = face_with({40, 40}, {60, 40}, {50, 64});
  EXPECT_NEAR(face_square(face, 0.25).side, 1.5 * face_square(face, 0).side, 1e-9);
}

TEST(FaceSquare, IsTheBoxWithoutLandmarks) {
  const auto square = face_square({{10, 20, 30, 40}, 1, {}}, 0);
  EXPECT_EQ(square.center, (Point{25, 40}));
  EXPECT_GE(square.side, 40);
  EXPECT_EQ(square.angle, 0);
}

TEST(FaceSquare, RefusesOtherPoints) {
  Face face;
  face.landmarks.resize(5);
  EXPECT_THROW(face_square(face, 0), std::logic_error);
}

TEST(CutOut, CopiesAnUprightSquareOfItsOwnSize) {
  const auto photo = coordinates(100, 120);
  const auto face = cut_out(photo, {{50, 40}, 32, 0}, 32);
  EXPECT_EQ(face.height, 32);
  for (const int64_t place : {0, 13, 31}) {
    EXPECT_EQ(face.row(place)[place * 3], 34 + place);
    EXPECT_EQ(face.row(place)[place * 3 + 1], 24 + place);
  }
}

TEST(CutOut, TurnsALeaningFaceUpright) {
  const auto photo = coordinates(100, 100);
  const auto face =
      cut_out(photo, {{50, 50}, 20, 90}, 20);  // the top of the head points right, so the top of the result is there
  EXPECT_EQ(face.row(0)[10 * 3], 59);
  EXPECT_EQ(face.row(19)[10 * 3], 40);
}

TEST(CutOut, ShrinksWithoutAliasing) {
  Image stripes(256, 256);
  for (int64_t y = 0; y < 256; ++y) {
    for (int64_t x = 0; x < 256; ++x) std::fill_n(stripes.row(y) + x * 3, 3, x % 2 == 0 ? 0 : 255);
  }
  const auto face = cut_out(stripes, {{128, 128}, 240, 7}, 24);
  for (const auto pixel : face.pixels) EXPECT_NEAR(pixel, 127.5, 12);
}

TEST(CutOut, RepeatsTheEdgeBeyondThePhoto) {
  const auto photo = coordinates(50, 50);
  const auto face = cut_out(photo, {{0, 0}, 40, 0}, 40);
  EXPECT_EQ(face.row(0)[0], 0);
  EXPECT_EQ(face.row(0)[39 * 3], 19);
  EXPECT_EQ(face.row(0)[39 * 3 + 1], 0);
  const auto far = cut_out(photo, {{1000, 1000}, 40, 30}, 8);  // nothing of the photo
  EXPECT_EQ(far.row(3)[3 * 3], 49);
}

TEST(CutOut, TakesHugeSquaresOutOfSmallPhotos) {
  const auto face = cut_out(coordinates(40, 40), {{20, 20}, 1e7, 45}, 16);
  EXPECT_EQ(face.width, 16);
}

TEST(PlaceIn, FindsTheCorners) {
  const FaceSquare square{{10, 10}, 4, 90};
  const auto corner = place_in(square, {0.5, 0.5});
  EXPECT_NEAR(corner.x, 8, 1e-9);
  EXPECT_NEAR(corner.y, 12, 1e-9);
}

}  // namespace
}  // namespace leaf
