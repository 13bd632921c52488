#include "leaf/views/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "leaf/base/bytes.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/rand_augment.h"
#include "tests/shared.h"

namespace leaf {
namespace {

Image gradient(int64_t height, int64_t width) {
  Image image(height, width);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i * 37 % 251);
  return image;
}

TEST(RandAugmentOperation, EqualsPillow) {
  LEAF_NEEDS_SHARED(folder, "goldens/randaugment");
  const auto index = nlohmann::json::parse(read_file(folder / "index.json"));
  ASSERT_FALSE(index.empty());
  for (const auto& entry : index) {
    const auto name = entry.at("op").get<std::string>();
    const auto operation = std::ranges::find(operations(), name, &Operation::name);
    ASSERT_NE(operation, operations().end()) << name;
    const auto face = read_image(folder / entry.at("input").get<std::string>());
    const auto expected = read_image(folder / entry.at("output").get<std::string>());
    EXPECT_EQ(operation->apply(face, entry.at("value").get<double>()), expected) << entry;
  }
}

TEST(Cutout, EqualsPillow) {
  LEAF_NEEDS_SHARED(folder, "goldens/cutout");
  const auto index = nlohmann::json::parse(read_file(folder / "index.json"));
  const auto face = read_image(folder / "input.png");
  ASSERT_FALSE(index.empty());
  for (const auto& entry : index) {
    const auto expected = read_image(folder / entry.at("output").get<std::string>());
    EXPECT_EQ(cutout(face, entry.at("fraction"), entry.at("center_x"), entry.at("center_y")), expected) << entry;
  }
}

TEST(Cutout, IsMeasuredByTheWidth) {
  const auto face = cutout(Image(4, 10), 0.2, 5, 2);  // 4 … 6 by 1 … 3, both ends inside
  int64_t filled = 0;
  for (size_t i = 0; i < face.pixels.size(); i += 3) filled += face.pixels[i] == kCutoutFill[0];
  EXPECT_EQ(filled, 9);
}

TEST(RandAugmentOperation, TakesPicturesOfAnySize) {
  for (const auto& [height, width] : {std::pair(1, 1), std::pair(1, 5), std::pair(2, 2), std::pair(5, 1), std::pair(3, 4)}) {
    for (const auto& operation : operations()) {
      for (const double value : {operation.low, operation.high}) {
        const auto view = operation.apply(gradient(height, width), value);
        EXPECT_EQ(view.height, height) << operation.name;
        EXPECT_EQ(view.width, width) << operation.name;
        EXPECT_EQ(view.pixels.size(), static_cast<size_t>(height * width * 3)) << operation.name;
      }
    }
  }
}

TEST(RandAugmentOperation, LeavesAUniformFaceAsItIs) {
  const Image face(6, 7, {90, 90, 90});
  EXPECT_EQ(auto_contrast(face), face);
  EXPECT_EQ(equalize(face), face);
  EXPECT_EQ(contrast(face, 0.3), face);
  EXPECT_EQ(sharpness(face, 0.3), face);
  EXPECT_EQ(colorfulness(face, 0.3), face);
}

TEST(Blend, EndsAtTheFaceAndClips) {
  const auto face = gradient(5, 5);
  EXPECT_EQ(brightness(face, 1), face);
  EXPECT_EQ(brightness(face, 0), Image(5, 5));
  const auto bright = brightness(face, 3);
  for (size_t i = 0; i < face.pixels.size(); ++i) EXPECT_EQ(bright.pixels[i], std::min(255, face.pixels[i] * 3));
  const auto extreme = brightness(face, 1e30), negative = brightness(face, -1e30);
  for (size_t i = 0; i < face.pixels.size(); ++i) EXPECT_EQ(extreme.pixels[i], face.pixels[i] > 0 ? 255 : 0);
  EXPECT_EQ(negative, Image(5, 5));
}

}  // namespace
}  // namespace leaf
