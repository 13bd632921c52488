#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/faces/synthetic/portrait.h"
#include "leaf/faces/synthetic/synthetic_face.h"

namespace leaf::synthetic {
namespace {

uint64_t hash(const Image& image) {
  return hash_bytes({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()});
}

SyntheticOptions small() {
  SyntheticOptions options;
  options.size = 16;
  return options;
}

/// Frontal, evenly lit, sharp, nothing in the way.
SyntheticOptions studio() {
  SyntheticOptions options;
  options.size = 96;
  options.pose = options.light = options.noise = options.glasses = options.occlusion = 0;
  return options;
}

double brightness(const Image& image, int64_t y, int64_t x) {
  const uint8_t* pixel = image.row(y) + x * 3;
  return (pixel[0] + pixel[1] + pixel[2]) / 3.0;
}

TEST(SyntheticFace, NamesTheCanonicalExpressions) {
  EXPECT_THAT(synthetic_classes(8),
              testing::ElementsAre("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"));
  EXPECT_THAT(synthetic_classes(7),
              testing::ElementsAre("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"));
  EXPECT_THROW(synthetic_classes(6), UsageError);
}

TEST(SyntheticFace, DependsOnNothingButOptionsAndNumber) {
  constexpr int64_t kFaces = 60;
  const SyntheticOptions options = small();
  std::vector<SyntheticFace> forward, threaded(kFaces);
  for (int64_t i = 0; i < kFaces; ++i) forward.push_back(synthetic_face(options, i));
  parallel_for(kFaces, 4, [&](int64_t i) { threaded[kFaces - 1 - i] = synthetic_face(options, kFaces - 1 - i); });
  for (int64_t i = 0; i < kFaces; ++i) {
    EXPECT_EQ(forward[i].image, threaded[i].image) << i;
    EXPECT_EQ(forward[i].label, threaded[i].label) << i;
  }
  SyntheticOptions other = options;
  other.seed = 1;
  EXPECT_NE(synthetic_face(other, 0).image, forward[0].image);
}

TEST(SyntheticFace, IsNeverDrawnTwice) {
  std::set<uint64_t> seen;
  for (int64_t i = 0; i < 300; ++i) seen.insert(hash(synthetic_face(small(), i).image));
  EXPECT_EQ(seen.size(), 300u);
}

TEST(SyntheticFace, HasEveryClassOnceInEachBlock) {
  for (const int64_t classes : {7, 8}) {
    SyntheticOptions options = small();
    options.classes = classes;
    std::set<std::vector<int64_t>> orders;
    for (int64_t block = 0; block < 20; ++block) {
      std::vector<int64_t> labels;
      for (int64_t i = 0; i < classes; ++i) labels.push_back(synthetic_face(options, block * classes + i).label);
      orders.insert(labels);
      std::sort(labels.begin(), labels.end());
      for (int64_t c = 0; c < classes; ++c) EXPECT_EQ(labels[c], c);
    }
    EXPECT_GT(orders.size(), 15u);
  }
}

TEST(SyntheticFace, TellsItsTruth) {
  SyntheticOptions options = small();
  for (int64_t i = 0; i < 50; ++i) {
    const SyntheticFace face = synthetic_face(options, i);
    ASSERT_EQ(face.truth.size(), 8u);
    for (int64_t c = 0; c < 8; ++c) EXPECT_EQ(face.truth[c], c == face.label ? 1 : 0);
    EXPECT_EQ(face.label, synthetic_label(options, i));
  }
}

TEST(SyntheticFace, BlendsAsManyAsAsked) {
  SyntheticOptions options = small();
  options.blend = 0.3;
  int64_t blends = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const SyntheticFace face = synthetic_face(options, i);
    const auto shown = std::count_if(face.truth.begin(), face.truth.end(), [](float share) { return share > 0; });
    EXPECT_NEAR(std::accumulate(face.truth.begin(), face.truth.end(), 0.0), 1, 1e-6);
    EXPECT_EQ(std::max_element(face.truth.begin(), face.truth.end()) - face.truth.begin(), face.label);
    EXPECT_EQ(face.truth, synthetic_truth(options, i));
    blends += shown > 1;
    if (shown == 1) continue;
    EXPECT_EQ(shown, 2);
    EXPECT_GE(face.truth[face.label], 0.5f);
    EXPECT_LE(face.truth[face.label], 0.8f);
  }
  EXPECT_NEAR(static_cast<double>(blends), 300, 60);
}

TEST(SyntheticFace, IsSquareAtAnySize) {
  for (const int64_t size : {16, 47, 48, 224}) {
    SyntheticOptions options;
    options.size = size;
    const Image image = synthetic_face(options, 3).image;
    EXPECT_EQ(image.height, size);
    EXPECT_EQ(image.width, size);
    EXPECT_EQ(image.pixels.size(), static_cast<size_t>(size * size * 3));
  }
}

TEST(SyntheticFace, ShowsTheWholeRangeOfSkin) {
  double darkest = 1, lightest = 0;
  for (int64_t i = 0; i < 200; ++i) {
    const Tint skin = random_identity(Rng(i), 1).skin;
    darkest = std::min<double>(darkest, skin.green), lightest = std::max<double>(lightest, skin.green);
  }
  EXPECT_LT(darkest, 0.27);
  EXPECT_GT(lightest, 0.84);
  double low = 255, high = 0;  // and it is still seen after the camera has metered it
  for (int64_t i = 0; i < 200; ++i) {
    SyntheticOptions options = studio();
    options.size = 48;
    const Image image = synthetic_face(options, i).image;
    const double cheek = brightness(image, 27, 15);
    low = std::min(low, cheek), high = std::max(high, cheek);
  }
  EXPECT_GT(high - low, 60);
}

/// The darkest row under the nose in the column of a mouth's corner.
int64_t corner_row(const Image& image) {
  const int64_t x = 33;
  int64_t darkest = 60;
  for (int64_t y = 56; y < 88; ++y) {
    if (brightness(image, y, x) < brightness(image, darkest, x)) darkest = y;
  }
  return darkest;
}

TEST(SyntheticFace, HasItsMouthCornersWhereTheExpressionPutsThem) {
  Identity person;
  person.skin = skin_tone(0.2, 0), person.hair = {0.2f, 0.15f, 0.1f}, person.lips = {0.6f, 0.35f, 0.35f},
  person.eyes = {0.3f, 0.2f, 0.1f};
  const auto row = [&](Expression expression) {
    return corner_row(portrait(person, express(expression, 1, 0, Rng(4)), studio(), Rng(9)));
  };
  EXPECT_LT(row(Expression::happiness) + 4, row(Expression::sadness));
}

TEST(SyntheticFace, IsAsLikelyAsItsMirrorImage) {  // the two halves of the mean face are equally bright
  SyntheticOptions options = small();
  double left = 0, right = 0;
  constexpr int64_t kFaces = 600;
  for (int64_t i = 0; i < kFaces; ++i) {
    const Image image = synthetic_face(options, i).image;
    for (int64_t y = 0; y < 16; ++y) {
      for (int64_t x = 0; x < 8; ++x) left += brightness(image, y, x), right += brightness(image, y, 15 - x);
    }
  }
  EXPECT_NEAR(left / kFaces / 128, right / kFaces / 128, 3);
}

TEST(SyntheticFace, RefusesOptionsOutOfRange) {
  const auto refused = [](auto change) {
    SyntheticOptions options;
    change(options);
    EXPECT_THROW(synthetic_face(options, 0), UsageError);
  };
  refused([](auto& options) { options.size = 15; });
  refused([](auto& options) { options.size = 100000; });
  refused([](auto& options) { options.classes = 9; });
  refused([](auto& options) { options.blend = -0.1; });
  refused([](auto& options) { options.noise = std::nan(""); });
  EXPECT_THROW(synthetic_face({}, -1), UsageError);
  SyntheticOptions none;
  none.classes = 0;
  EXPECT_THROW(synthetic_label(none, 3), UsageError);
}

TEST(SyntheticFace, KeepsItsPixelsForEver) {  // every number measured on these faces changes with them
  SyntheticOptions options;
  EXPECT_EQ(hash(synthetic_face(options, 0).image), 3356357572360664199u);
  EXPECT_EQ(hash(synthetic_face(options, 5999).image), 12483365793647878114u);
  options.seed = 1, options.size = 64, options.classes = 7, options.blend = 1;
  EXPECT_EQ(hash(synthetic_face(options, 17).image), 6745128883751686790u);
}

}  // namespace
}  // namespace leaf::synthetic
