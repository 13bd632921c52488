#include "leaf/data/transpose.h"

#include <gtest/gtest.h>

#include <vector>

#include "leaf/base/rng.h"

namespace leaf {
namespace {

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
