#include "leaf/faces/synthetic/raster.h"

#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "leaf/faces/synthetic/pose.h"

namespace leaf::synthetic {
namespace {

double area(const Mask& mask) { return std::accumulate(mask.coverage.begin(), mask.coverage.end(), 0.0); }

TEST(Coverage, IsTheExactAreaOfEachPixel) {
  const Mask mask = Raster(8).cover({{1.25, 2}, {3.5, 2}, {3.5, 3.75}, {1.25, 3.75}});
  ASSERT_EQ(mask.left, 1);
  ASSERT_EQ(mask.top, 2);
  ASSERT_EQ(mask.width, 3);
  ASSERT_EQ(mask.height, 2);
  const std::vector<float> expected{0.75, 1, 0.5, 0.5625, 0.75, 0.375};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(mask.coverage[i], expected[i], 1e-6) << i;
}

TEST(Coverage, KeepsTheAreaOfSlantedShapes) {
  const Raster canvas(64);
  EXPECT_NEAR(area(canvas.cover({{3, 5}, {60, 9}, {20, 50}})), 0.5 * std::abs(57.0 * 45 - 17.0 * 4), 1e-2);
  const Path round = ellipse({31, 33}, {20, 0}, {0, 11}, 200);
  EXPECT_NEAR(area(canvas.cover(round)), std::numbers::pi * 220, 0.5);
}

TEST(Coverage, CutsShapesAtThePicture) {
  const Raster canvas(10);
  EXPECT_NEAR(area(canvas.cover({{-5, -5}, {100, -5}, {100, 100}, {-5, 100}})), 100, 1e-4);
  EXPECT_NEAR(area(canvas.cover({{-7, 2}, {4, 2}, {4, 4}, {-7, 4}})), 8, 1e-5);
  EXPECT_EQ(area(canvas.cover({{20, 20}, {30, 20}, {30, 30}})), 0);
  EXPECT_EQ(area(canvas.cover({{-9, 1}, {-3, 1}, {-3, 8}})), 0);
  EXPECT_EQ(area(canvas.cover({{1, 1}, {2, 2}})), 0);
}

TEST(Coverage, IsClippedByAnother) {
  const Raster canvas(10);
  const Mask left = canvas.cover({{0, 0}, {5, 0}, {5, 10}, {0, 10}}), top = canvas.cover({{0, 0}, {10, 0}, {10, 2.5}, {0, 2.5}});
  EXPECT_NEAR(area(clip(left, top)), 12.5, 1e-5);
  EXPECT_NEAR(area(clip(top, left)), 12.5, 1e-5);
}

TEST(Raster, BlendsAndRounds) {
  Raster canvas(2);
  canvas.fill(Path{{0, 0}, {1, 0}, {1, 2}, {0, 2}}, {1, 0.5f, 2}, 0.5);
  const Image image = canvas.image();
  EXPECT_EQ(image.pixels[0], 128);
  EXPECT_EQ(image.pixels[1], 64);
  EXPECT_EQ(image.pixels[2], 255);  // 2 × 0.5, at the limit
  EXPECT_EQ(image.pixels[3], 0);
}

TEST(Raster, KeepsEvenPicturesWhenItBlurs) {
  Raster canvas(9);
  canvas.fill(Path{{0, 0}, {9, 0}, {9, 9}, {0, 9}}, {0.25f, 0.5f, 0.75f});
  canvas.blur(1.3);
  for (int64_t i = 0; i < 9; ++i) EXPECT_NEAR(canvas.pixel(i, 8 - i)[1], 0.5, 1e-6);
}

TEST(Curve, GoesThroughItsPoints) {
  const Path points{{0, 0}, {2, 3}, {5, 1}, {7, 7}}, path = curve(points, 4);
  ASSERT_EQ(path.size(), 13u);
  for (size_t i = 0; i < points.size(); ++i) EXPECT_NEAR(path[4 * i].y, points[i].y, 1e-12);
}

TEST(Projection, IsInvertedWhenFrontal) {
  Pose pose;
  pose.roll = 0.2, pose.scale = 1.1, pose.shift = {0.03, -0.02};
  const Projection projection(pose, 48);
  const Point pixel = projection.outline({{0.3, -0.2}})[0], back = projection.inverse(pixel);
  EXPECT_NEAR(back.x, 0.3, 1e-9);
  EXPECT_NEAR(back.y, -0.2, 1e-9);
}

}  // namespace
}  // namespace leaf::synthetic
