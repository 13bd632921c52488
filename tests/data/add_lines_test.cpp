#include "leaf/data/add_lines.h"

#include <gtest/gtest.h>

#include <vector>

#include "leaf/base/rng.h"
#include "leaf/data/taps.h"

namespace leaf {
namespace {

TEST(AddLines, IsTheRoundedWeightedSum) {
  Rng rng(4);
  for (int i = 0; i < 400; ++i) {
    const int64_t count = 1 + rng.below(20), n = 1 + rng.below(200), stride = n + rng.below(5);
    std::vector<uint8_t> lines((count - 1) * stride + n), output(n + 1, 77);
    for (uint8_t& value : lines) value = static_cast<uint8_t>(rng.chance(0.3) ? 255 : rng.bits());
    std::vector<int32_t> weights(count);
    int32_t left = 1 << kWeightBits;  // in all
    for (int32_t& weight : weights) left -= weight = static_cast<int32_t>(rng.below(left + 1));
    weights.back() += left;
    add_lines(lines.data(), stride, weights.data(), count, n, output.data());
    for (int64_t x = 0; x < n; ++x) {
      int64_t sum = 1 << (kWeightBits - 1);
      for (int64_t k = 0; k < count; ++k) sum += int64_t{lines[k * stride + x]} * weights[k];
      ASSERT_EQ(output[x], sum >> kWeightBits) << count << " lines of " << n << " at " << x;
    }
    EXPECT_EQ(output[n], 77) << "nothing is written behind the line";
  }
}

}  // namespace
}  // namespace leaf
