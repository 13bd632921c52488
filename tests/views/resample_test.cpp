#include "leaf/views/resample.h"

#include <gtest/gtest.h>

#include <vector>

#include "leaf/base/rng.h"

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

TEST(Transpose, MakesRowsOfColumnsAndLeavesTheRest) {
  Rng rng(1);
  for (int i = 0; i < 200; ++i) {
    const int64_t rows = 1 + rng.below(70), columns = 1 + rng.below(70), stride = columns + rng.below(5),
                  output_stride = rows + rng.below(5);
    std::vector<uint8_t> input(rows * stride), expected(columns * output_stride), output;
    for (uint8_t& value : input) value = static_cast<uint8_t>(rng.bits());
    for (uint8_t& value : expected) value = static_cast<uint8_t>(rng.bits());
    output = expected;
    for (int64_t y = 0; y < rows; ++y) {
      for (int64_t x = 0; x < columns; ++x) expected[x * output_stride + y] = input[y * stride + x];
    }
    transpose(input.data(), stride, rows, columns, output.data(), output_stride);
    ASSERT_EQ(output, expected) << rows << " × " << columns;
  }
}

}  // namespace
}  // namespace leaf
