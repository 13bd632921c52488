#include "leaf/data/transpose.h"

#include <algorithm>
#include <cstring>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

constexpr int kSide = 16;  // rows and columns of a block

using Row [[gnu::vector_size(kSide)]] = uint8_t;

/// Interleaves the bytes of row i with those of row i + 8, for all i: done four times, it makes the transpose.
[[gnu::always_inline]] inline void interleave(const Row* rows, Row* result) {
#pragma GCC unroll 8
  for (int i = 0; i < kSide / 2; ++i) {
    result[2 * i] = __builtin_shufflevector(rows[i], rows[i + kSide / 2], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    result[2 * i + 1] =
        __builtin_shufflevector(rows[i], rows[i + kSide / 2], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
}

[[gnu::always_inline]] inline void transpose_block(const uint8_t* input, int64_t stride, uint8_t* output, int64_t output_stride) {
  Row rows[kSide], others[kSide];
#pragma GCC unroll 16
  for (int i = 0; i < kSide; ++i) std::memcpy(&rows[i], input + i * stride, kSide);
  interleave(rows, others);
  interleave(others, rows);
  interleave(rows, others);
  interleave(others, rows);
#pragma GCC unroll 16
  for (int i = 0; i < kSide; ++i) std::memcpy(output + i * output_stride, &rows[i], kSide);
}

/// At least 16 rows and columns. Where they are no whole number of blocks the last block reaches back into the one before.
LEAF_VECTORIZE void transpose_blocks(const uint8_t* input, int64_t stride, int64_t rows, int64_t columns, uint8_t* output,
                                     int64_t output_stride) {
  for (int64_t next_row = 0; next_row < rows; next_row += kSide) {
    for (int64_t next_column = 0; next_column < columns; next_column += kSide) {
      const int64_t y = std::min(next_row, rows - kSide), x = std::min(next_column, columns - kSide);
      transpose_block(input + y * stride + x, stride, output + x * output_stride + y, output_stride);
    }
  }
}

}  // namespace

void transpose(const uint8_t* input, int64_t stride, int64_t rows, int64_t columns, uint8_t* output, int64_t output_stride) {
  if (rows >= kSide && columns >= kSide) return transpose_blocks(input, stride, rows, columns, output, output_stride);
  for (int64_t x = 0; x < columns; ++x) {
    for (int64_t y = 0; y < rows; ++y) output[x * output_stride + y] = input[y * stride + x];
  }
}

}  // namespace leaf
