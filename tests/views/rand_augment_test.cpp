#include "leaf/views/rand_augment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "leaf/base/error.h"
#include "leaf/views/augment.h"

namespace leaf {
namespace {

Image noise(int64_t height, int64_t width) {
  Image image(height, width);
  Rng rng(2);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(rng.bits());
  return image;
}

std::string text(const Image& image) { return {image.pixels.begin(), image.pixels.end()}; }

TEST(RandAugment, KnowsTheFourteen) {
  std::vector<std::string_view> names;
  for (const auto& operation : operations()) names.push_back(operation.name);
  EXPECT_THAT(names, testing::ElementsAre("AutoContrast", "Brightness", "Color", "Contrast", "Equalize", "Identity", "Posterize",
                                          "Rotate", "Sharpness", "ShearX", "ShearY", "Solarize", "TranslateX", "TranslateY"));
}

TEST(RandAugment, IsAFunctionOfItsStream) {
  const auto face = noise(20, 20);
  Rng first(9), again(9), other(10);
  const auto view = rand_augment(face, operations(), 3, first);
  EXPECT_EQ(view, rand_augment(face, operations(), 3, again));
  EXPECT_NE(view, rand_augment(face, operations(), 3, other));
  EXPECT_EQ(first.bits(), again.bits()) << "and leaves it at the same place";
}

TEST(RandAugment, DoesNothingWithoutOperations) {
  Rng rng(1);
  EXPECT_EQ(rand_augment(noise(5, 5), operations(), 0, rng), noise(5, 5));
}

TEST(RandAugment, DrawsEveryOperation) {  // one operation a view: as many different views as operations, at least
  const auto face = noise(12, 12);
  std::set<std::string> views;
  Rng rng(4);
  for (int i = 0; i < 300; ++i) views.insert(text(rand_augment(face, operations(), 1, rng)));
  EXPECT_GT(views.size(), 100u);
  EXPECT_TRUE(views.contains(text(face))) << "Identity";
  EXPECT_TRUE(views.contains(text(equalize(face))) && views.contains(text(auto_contrast(face))));
}

TEST(OperationsWithout, LeavesOutWhatIsNamed) {
  EXPECT_EQ(operations_without("").size(), 14u);
  const auto kept = operations_without("Solarize, Posterize");
  EXPECT_EQ(kept.size(), 12u);
  for (const auto& operation : kept) EXPECT_TRUE(operation.name != "Solarize" && operation.name != "Posterize");
  const auto face = noise(12, 12);
  const auto identity = operations_without(
      "AutoContrast,Brightness,Color,Contrast,Equalize,Posterize,Rotate,Sharpness,ShearX,ShearY,Solarize,TranslateX,TranslateY");
  Rng rng(4);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(rand_augment(face, identity, 3, rng), face) << "Identity alone is left";
}

TEST(OperationsWithout, RefusesWhatItDoesNotKnow) {
  try {
    operations_without("Solarise");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean \"Solarize\""));
  }
  std::string all;
  for (const auto& operation : operations()) all += (all.empty() ? "" : ",") + std::string(operation.name);
  EXPECT_THROW(operations_without(all), UsageError);
}

TEST(RandomCutout, CoversUpToAQuarterOfASquareFace) {
  Rng rng(6);
  int64_t most = 0;
  std::set<size_t> places;
  for (int i = 0; i < 400; ++i) {
    const auto face = random_cutout(Image(40, 40), rng);
    int64_t filled = 0;
    for (size_t p = 0; p < face.pixels.size(); p += 3) {
      if (face.pixels[p] == 0) continue;
      EXPECT_EQ(face.pixels[p], kCutoutFill[0]);
      if (filled++ == 0) places.insert(p);
    }
    most = std::max(most, filled);
  }
  EXPECT_LE(most, 21 * 21);
  EXPECT_GT(most, 16 * 16);
  EXPECT_GT(places.size(), 200u);
}

}  // namespace
}  // namespace leaf
