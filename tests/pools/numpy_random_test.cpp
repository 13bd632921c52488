#include "leaf/pools/numpy_random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

// The numbers are those of NumPy 1.24.
TEST(NumpyRandom, ShufflesAsRandomStateDoes) {
  NumpyRandom random(5);
  std::vector<int> values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  random.shuffle(values);
  EXPECT_THAT(values, ElementsAre(9, 5, 2, 4, 7, 1, 0, 8, 6, 3));
  EXPECT_THAT(random.permutation(7), ElementsAre(5, 2, 1, 3, 4, 6, 0));  // the stream goes on
}

TEST(NumpyRandom, TakesEverySeed) {
  EXPECT_THAT(NumpyRandom(4294967295).permutation(12), ElementsAre(11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3));
  EXPECT_THAT(NumpyRandom(0).permutation(5), ElementsAre(2, 0, 1, 3, 4));
}

TEST(NumpyRandom, KeepsToNumpyOverLongLists) {
  const auto values = NumpyRandom(5).permutation(100000);
  EXPECT_THAT(std::vector<int64_t>(values.begin(), values.begin() + 5), ElementsAre(60743, 33949, 52805, 11804, 9229));
  EXPECT_THAT(std::vector<int64_t>(values.end() - 5, values.end()), ElementsAre(59465, 5520, 20463, 18638, 35683));
  int64_t sum = 0;
  for (int64_t i = 0; i < 100000; ++i) sum += values[i] * i % 1000003;
  EXPECT_EQ(sum, 49981706063);
}

TEST(NumpyRandom, TakesNothingFromTheStreamForOneOrNone) {
  NumpyRandom random(5), other(5);
  EXPECT_TRUE(random.permutation(0).empty());
  EXPECT_THAT(random.permutation(1), ElementsAre(0));
  EXPECT_THAT(random.permutation(20), ElementsAreArray(other.permutation(20)));
}

}  // namespace
}  // namespace leaf
