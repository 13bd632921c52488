#include "tests/instructions.h"

#include <gtest/gtest.h>

#include <vector>

#include "leaf/base/rng.h"
#include "leaf/views/augment.h"
#include "leaf/views/geometry.h"
#include "leaf/views/normalize.h"
#include "leaf/views/resample.h"

namespace leaf {
namespace {

// Views are the same to the last bit whatever instructions make them.

Image noise(int64_t height, int64_t width) {
  Rng rng(3);
  Image face(height, width);
  for (uint8_t& value : face.pixels) value = static_cast<uint8_t>(rng.bits());
  return face;
}

/// Expects that `make(face)` is the same at every level.
template <typename Make>
void expect_equal_at_every_level(const Make& make) {
  for (const auto& face : {noise(37, 45), noise(5, 3)}) {
    const auto expected = make(face);
    at_every_level([&](Instructions level) { EXPECT_EQ(make(face), expected) << name_of(level); });
  }
}

TEST(Levels, GiveEqualNumbers) {
  expect_equal_at_every_level([](const Image& face) {
    std::vector<float> numbers(face.pixels.size());
    write_normalized(face, numbers.data());
    return numbers;
  });
}

TEST(Levels, GiveEqualLines) {
  expect_equal_at_every_level([](const Image& face) {
    const int64_t n = face.width * 3;
    const Taps taps(face.height, 2, {0, 2});
    std::vector<uint8_t> lines(2 * n);
    for (int64_t i = 0; i < 2; ++i)
      add_lines(face.row(taps.first[i]), n, &taps.weights[i * taps.count], taps.count, n, &lines[i * n]);
    return lines;
  });
}

TEST(Levels, GiveEqualPictures) {
  expect_equal_at_every_level(
      [](const Image& face) { return rotate(sharpness(colorfulness(contrast(face, 1.7), 0.3), 1.9), 20).pixels; });
}

}  // namespace
}  // namespace leaf
