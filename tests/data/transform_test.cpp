#include "leaf/data/transform.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "leaf/data/geometry.h"
#include "leaf/data/rand_augment.h"
#include "leaf/data/resize.h"

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
    auto face = rand_augment(noise(12, 12), options.operations, steps);
    face = random_cutout(face, steps);
    EXPECT_EQ(strong_transform(options)(noise(12, 12), whole), weak_transform(options)(face, steps));
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
