#include "leaf/views/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "leaf/base/vectorize.h"

namespace leaf {
namespace {

/// The triangle's height over an input of each of n places, `after` behind the place's first, and added to the sum of heights.
constexpr Vectorized add_heights =
    [](const double* __restrict center, const int32_t* __restrict first, int32_t after, double step, int64_t n,
       double* __restrict height, double* __restrict sum) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) {
    const double distance = std::abs((static_cast<double>(first[i] + after) - center[i] + 0.5) * step);
    height[i] = distance < 1 ? 1 - distance : 0;
    sum[i] += height[i];
  }
};

/// Shares of the sum in 2²²ths.
constexpr Vectorized to_weights = [](const double* __restrict height, const double* __restrict sum, int64_t n, int64_t count,
                                     int32_t* __restrict weight) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i) weight[i * count] = static_cast<int32_t>(0.5 + height[i] / sum[i] * (1 << kWeightBits));
};

}  // namespace

Taps::Taps(int64_t input, int64_t output, Range part) : first(part.size) {
  const double scale = static_cast<double>(input) / static_cast<double>(output), widening = std::max(scale, 1.0);
  count = std::min(static_cast<int64_t>(std::ceil(2 * widening)), input);  // the triangle ends there
  weights.resize(part.size * count);
  std::vector<double> centers(part.size), sums(part.size), heights(part.size * count);
  for (int64_t i = 0; i < part.size; ++i) {
    centers[i] = (static_cast<double>(part.begin + i) + 0.5) * scale;
    const auto start = std::max(static_cast<int64_t>(centers[i] - widening + 0.5), int64_t{0});
    first[i] = static_cast<int32_t>(std::min(start, input - count));  // near the end moved back
  }
  for (int64_t k = 0; k < count; ++k) {
    add_heights(centers.data(), first.data(), static_cast<int32_t>(k), 1 / widening, part.size, &heights[k * part.size],
                sums.data());
  }
  for (int64_t k = 0; k < count; ++k) to_weights(&heights[k * part.size], sums.data(), part.size, count, &weights[k]);
}

void Taps::mirror() {
  std::reverse(first.begin(), first.end());
  const int64_t n = std::ssize(first);
  for (int64_t i = 0; i < n / 2; ++i)
    std::swap_ranges(&weights[i * count], &weights[i * count] + count, &weights[(n - 1 - i) * count]);
}

namespace {

constexpr uint32_t kHalf = 1 << (kWeightBits - 1);
constexpr int64_t kWords = 16;
constexpr int64_t kBlock = 4 * kWords;  // bytes that are computed at once

/// The sums of a block. Bytes are loaded four at a time as a number of 32 bits and separated by masks: to make numbers of single
/// bytes would take longer than all else.
struct Sums {
  std::array<uint32_t, kWords> first, second, third, fourth;  ///< of the first byte of every four, the second, …
};

/// Adds `count` lines: with a loop of a known length the others run in the widest registers that there are.
template <int count>
[[gnu::always_inline]] inline void add(const uint8_t* lines, int64_t stride, const int32_t* weights, Sums& sums) {
  for (int64_t i = 0; i < kWords; ++i) {
    uint32_t first = sums.first[i], second = sums.second[i], third = sums.third[i], fourth = sums.fourth[i];
    for (int64_t k = 0; k < count; ++k) {
      uint32_t word;
      std::memcpy(&word, lines + k * stride + 4 * i, 4);
      const auto weight = static_cast<uint32_t>(weights[k]);
      first += (word & 255) * weight;
      second += (word >> 8 & 255) * weight;
      third += (word >> 16 & 255) * weight;
      fourth += (word >> 24) * weight;
    }
    sums.first[i] = first;
    sums.second[i] = second;
    sums.third[i] = third;
    sums.fourth[i] = fourth;
  }
}

constexpr int kGroup = 4;  // lines that are added at once

/// n is at least a block; where it is no whole number of them, the last one reaches back into the one before. `last` of the lines
/// are added behind whole groups.
template <int last>
constexpr Vectorized add_blocks = [](const uint8_t* __restrict lines, int64_t stride, const int32_t* __restrict weights,
                                     int64_t count, int64_t n, uint8_t* __restrict output) __attribute__((always_inline)) {
  for (int64_t next = 0; next < n; next += kBlock) {
    const int64_t start = std::min(next, n - kBlock);
    Sums sums;
    for (int64_t i = 0; i < kWords; ++i) sums.first[i] = sums.second[i] = sums.third[i] = sums.fourth[i] = kHalf;
    int64_t k = 0;
    for (; k + last < count; k += kGroup) add<kGroup>(lines + k * stride + start, stride, weights + k, sums);
    add<last>(lines + k * stride + start, stride, weights + k, sums);
    for (int64_t i = 0; i < kWords; ++i) {
      const uint32_t word = sums.first[i] >> kWeightBits | sums.second[i] >> kWeightBits << 8 |
                            sums.third[i] >> kWeightBits << 16 | sums.fourth[i] >> kWeightBits << 24;
      std::memcpy(output + start + 4 * i, &word, 4);
    }
  }
};

}  // namespace

void add_lines(const uint8_t* lines, int64_t stride, const int32_t* weights, int64_t count, int64_t n, uint8_t* output) {
  if (n >= kBlock) {
    switch (count % kGroup) {
      case 1:
        return add_blocks<1>(lines, stride, weights, count, n, output);
      case 2:
        return add_blocks<2>(lines, stride, weights, count, n, output);
      case 3:
        return add_blocks<3>(lines, stride, weights, count, n, output);
      default:
        return add_blocks<kGroup>(lines, stride, weights, count, n, output);
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    uint32_t sum = kHalf;
    for (int64_t k = 0; k < count; ++k) sum += lines[k * stride + i] * static_cast<uint32_t>(weights[k]);
    output[i] = static_cast<uint8_t>(sum >> kWeightBits);
  }
}

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
constexpr Vectorized transpose_blocks = [](const uint8_t* input, int64_t stride, int64_t rows, int64_t columns, uint8_t* output,
                                           int64_t output_stride) __attribute__((always_inline)) {
  for (int64_t next_row = 0; next_row < rows; next_row += kSide) {
    for (int64_t next_column = 0; next_column < columns; next_column += kSide) {
      const int64_t y = std::min(next_row, rows - kSide), x = std::min(next_column, columns - kSide);
      transpose_block(input + y * stride + x, stride, output + x * output_stride + y, output_stride);
    }
  }
};

}  // namespace

void transpose(const uint8_t* input, int64_t stride, int64_t rows, int64_t columns, uint8_t* output, int64_t output_stride) {
  if (rows >= kSide && columns >= kSide) return transpose_blocks(input, stride, rows, columns, output, output_stride);
  for (int64_t x = 0; x < columns; ++x) {
    for (int64_t y = 0; y < rows; ++y) output[x * output_stride + y] = input[y * stride + x];
  }
}

}  // namespace leaf
