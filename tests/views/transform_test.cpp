#include "leaf/views/transform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "leaf/views/geometry.h"
#include "leaf/views/rand_augment.h"
#include "leaf/views/resize.h"

namespace leaf {
namespace {

Image noise(int64_t height, int64_t width) {
  Image image(height, width);
  Rng rng(2);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(1 + rng.below(255));  // never black
  return image;
}

std::string text(const Image& image) { return {image.pixels.begin(), image.pixels.end()}; }

ViewOptions options_of(int64_t size, double crop, double flip) {
  ViewOptions options;
  options.size = size;
  options.padding = 3;
  options.crop = crop;
  options.flip = flip;
  return options;
}

TEST(PlainTransform, ResizesAndCutsTheCenter) {
  Rng rng(0);
  const auto view = plain_transform(options_of(16, 1, 1))(noise(20, 40), rng);
  EXPECT_EQ(view, pad_and_crop(resize(noise(20, 40), 16, 32), 0, 0, 8, 16, 16));
  EXPECT_EQ(rng.bits(), Rng(0).bits()) << "nothing was drawn";
}

TEST(PlainTransform, LeavesAFaceOfTheRightSize) {
  Rng rng(0);
  EXPECT_EQ(plain_transform(options_of(16, 1, 1))(noise(16, 16), rng), noise(16, 16));
}

TEST(WeakTransform, DoesNothingWithoutCropAndFlip) {
  Rng rng(0);
  EXPECT_EQ(weak_transform(options_of(16, 0, 0))(noise(16, 16), rng), noise(16, 16));
}

TEST(WeakTransform, FlipsAndCropsAsOftenAsAsked) {
  const auto face = noise(16, 16), mirrored = flip(face);
  int flipped = 0, cropped = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Rng flips(seed), crops(seed);
    flipped += weak_transform(options_of(16, 0, 0.25))(face, flips) == mirrored;
    cropped += weak_transform(options_of(16, 0.75, 0))(face, crops) != face;
  }
  EXPECT_NEAR(flipped, 100, 30);
  EXPECT_NEAR(cropped, 400 * 0.75 * 48 / 49, 35);  // one place of the 7 × 7 is the face itself
}

TEST(WeakTransform, CropsAtEveryPlaceOfThePaddedFace) {
  const auto face = noise(8, 8);
  std::set<std::string> seen, expected;
  for (int64_t top = 0; top <= 6; ++top) {
    for (int64_t left = 0; left <= 6; ++left) expected.insert(text(pad_and_crop(face, 3, top, left, 8, 8)));
  }
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    Rng rng(seed);
    seen.insert(text(weak_transform(options_of(8, 1, 0))(face, rng)));
  }
  EXPECT_EQ(seen, expected);
}

TEST(StrongTransform, AugmentsTheStoredFaceFirst) {
  auto options = options_of(32, 0.5, 0.5);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Rng whole(seed), steps(seed);
    auto face = rand_augment(noise(12, 12), operations(), options.operations, steps);
    face = random_cutout(face, steps);
    EXPECT_EQ(strong_transform(options)(noise(12, 12), whole), weak_transform(options)(face, steps));
  }
}

/// A face whose red says the column and green the row.
Image chart(int64_t side) {
  Image image(side, side);
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      image.row(y)[x * 3] = static_cast<uint8_t>(x * 255 / (side - 1));
      image.row(y)[x * 3 + 1] = static_cast<uint8_t>(y * 255 / (side - 1));
    }
  }
  return image;
}

TEST(StrongTransform, EnlargesAPartOfTheFace) {
  auto options = options_of(32, 1, 0);
  options.operations = 0;
  options.cutout = false;
  options.strong_crop = 0.3;
  double smallest = 1, widest = 0, narrowest = 10;
  int at_left = 0, at_right = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Rng rng(seed);
    const auto view = strong_transform(options)(chart(96), rng);
    ASSERT_EQ(view.height, 32);
    ASSERT_EQ(view.width, 32);
    const auto at = [&](int64_t y, int64_t x, int64_t c) { return view.row(y)[x * 3 + c] / 255.0; };
    const double width = (at(16, 31, 0) - at(16, 0, 0)) * 32 / 31, height = (at(31, 16, 1) - at(0, 16, 1)) * 32 / 31;
    EXPECT_GT(width * height, 0.3 * 0.85);
    EXPECT_LT(std::max(width, height), 1.05);
    smallest = std::min(smallest, width * height);
    widest = std::max(widest, width / height);
    narrowest = std::min(narrowest, width / height);
    at_left += at(16, 0, 0) < 0.05;
    at_right += at(16, 31, 0) > 0.95;
  }
  EXPECT_LT(smallest, 0.4);
  EXPECT_NEAR(widest, 4.0 / 3, 0.1);
  EXPECT_NEAR(narrowest, 0.75, 0.1);
  EXPECT_TRUE(at_left > 20 && at_right > 20 && at_left + at_right < 400) << at_left << " " << at_right;
}

TEST(StrongTransform, CropsLongFacesInsideTheirCentralSquare) {
  auto options = options_of(16, 0, 0);
  options.operations = 0;
  options.cutout = false;
  options.strong_crop = 0.5;
  Image face(20, 60);  // black; its central square is white
  for (int64_t y = 0; y < 20; ++y) std::fill_n(face.row(y) + 20 * 3, 20 * 3, uint8_t{255});
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const auto view = strong_transform(options)(face, rng);
    for (int64_t y = 0; y < 16; ++y) EXPECT_GT(view.row(y)[8 * 3], 250);
  }
}

TEST(StrongTransform, IsWeakWithoutOperationsAndCutout) {
  auto options = options_of(32, 0.5, 0.5);
  options.operations = 0;
  options.cutout = false;
  Rng strong(3), weak(3);
  EXPECT_EQ(strong_transform(options)(noise(12, 12), strong), weak_transform(options)(noise(12, 12), weak));
}

}  // namespace
}  // namespace leaf
