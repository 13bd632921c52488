#include "leaf/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace leaf {
namespace {

TEST(Rng, IsAFunctionOfItsAddress) {
  Rng parent(7);
  const auto first = parent.split(3).split(1).bits();
  parent.bits();
  EXPECT_EQ(first, parent.split(3).split(1).bits());
  EXPECT_NE(first, parent.split(1).split(3).bits());
  EXPECT_NE(first, Rng(8).split(3).split(1).bits());
}

TEST(Rng, KeepsTheSameStreamForEver) {  // a change here changes every published number
  Rng rng = Rng(0).split(1);
  const uint64_t first = rng.bits(), second = rng.bits();
  EXPECT_EQ(first, Rng(0).split(1).bits());
  EXPECT_NE(first, second);
}

TEST(Rng, SpreadsEvenly) {
  Rng rng(1);
  double sum = 0, square = 0, normal = 0, normal_square = 0, beta = 0;
  constexpr int kDraws = 100000;
  std::vector<int> counts(7);
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform(), z = rng.normal();
    sum += u, square += u * u, normal += z, normal_square += z * z;
    beta += rng.beta(0.5, 1.5);
    ++counts[rng.below(7)];
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(square / kDraws, 1.0 / 3, 0.005);
  EXPECT_NEAR(normal / kDraws, 0, 0.02);
  EXPECT_NEAR(normal_square / kDraws, 1, 0.02);
  EXPECT_NEAR(beta / kDraws, 0.25, 0.005);
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 7.0, 600);
}

TEST(Rng, ShufflesIntoAPermutation) {
  std::vector<int> values(100);
  for (int i = 0; i < 100; ++i) values[i] = i;
  auto shuffled = values;
  Rng(3).shuffle(shuffled);
  EXPECT_NE(shuffled, values);
  std::sort(shuffled.begin(), shuffled.end());
  EXPECT_EQ(shuffled, values);
}

}  // namespace
}  // namespace leaf
