#include "leaf/views/resize.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "leaf/base/bytes.h"
#include "leaf/base/rng.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/geometry.h"
#include "tests/shared.h"

namespace leaf {
namespace {

Image random_image(int64_t height, int64_t width, uint64_t seed = 1) {
  Image image(height, width);
  Rng rng(seed);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(rng.bits());
  return image;
}

TEST(Resize, EqualsPillow) {
  LEAF_NEEDS_SHARED(folder, "goldens/resize");
  const auto index = nlohmann::json::parse(read_file(folder / "index.json"));
  ASSERT_FALSE(index.empty());
  for (const auto& entry : index) {
    const auto input = read_image(folder / entry.at("input").get<std::string>());
    const auto expected = read_image(folder / entry.at("output").get<std::string>());
    Image result;
    if (entry.contains("shorter_side")) result = resize_shorter_side(input, entry.at("shorter_side"));
    if (entry.contains("flip")) result = flip(input);
    if (entry.contains("pad"))
      result = pad_and_crop(input, entry.at("pad"), entry.at("top"), entry.at("left"), entry.at("size"), entry.at("size"));
    EXPECT_EQ(result, expected) << entry;
  }
}

TEST(Resize, KeepsAPictureOfTheSameSize) {
  const auto image = random_image(5, 7);
  EXPECT_EQ(resize(image, 5, 7), image);
}

TEST(Resize, KeepsAUniformPictureUniform) {
  for (const int64_t size : {1, 2, 31, 100, 333})
    EXPECT_EQ(resize(Image(37, 20, {255, 1, 128}), size, 9), Image(size, 9, {255, 1, 128}));
}

TEST(Resize, AveragesWhenItShrinks) {
  Image image(2, 2);
  image.pixels = {0, 0, 0, 100, 100, 100, 200, 200, 200, 100, 100, 100};
  EXPECT_EQ(resize(image, 1, 1), Image(1, 1, {100, 100, 100}));
}

TEST(Resize, RefusesAnEmptyPicture) { EXPECT_THROW(resize(Image(), 3, 3), std::logic_error); }

TEST(Window, EqualsItsStepsOneAfterTheOther) {
  Rng rng(5);
  for (int i = 0; i < 300; ++i) {
    const auto image = random_image(1 + rng.below(40), 1 + rng.below(40), rng.bits());
    auto window = central_window(image, rng.chance(0.2) ? std::min(image.height, image.width) : 1 + rng.below(60));
    const auto whole = resize(image, window.height, window.width);
    const auto square = pad_and_crop(whole, 0, window.top, window.left, window.size, window.size);
    window.down = rng.below(21) - 10;
    window.right = rng.below(21) - 10;
    window.flip = rng.chance(0.5);
    auto expected = pad_and_crop(square, 10, 10 - window.down, 10 - window.right, window.size, window.size);
    if (window.flip) expected = flip(expected);
    ASSERT_EQ(resize(image, window), expected) << image.height << " × " << image.width << " to " << window.size;
  }
}

TEST(Window, ComputesOnlyWhatItShows) {  // the whole would be 224 × 1,792,000
  const auto view = resize(random_image(2, 16000), central_window(random_image(2, 16000), 224));
  EXPECT_EQ(view.width, 224);
  EXPECT_EQ(view.height, 224);
}

TEST(Window, LiesInsideThePicture) {
  const auto image = random_image(8, 8);
  EXPECT_THROW(resize(image, Window{.height = 16, .width = 16, .top = 1, .left = 0, .size = 16}), std::logic_error);
}

}  // namespace
}  // namespace leaf
