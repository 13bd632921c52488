#include "leaf/data/add_lines.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "leaf/base/vectorize.h"
#include "leaf/data/taps.h"

namespace leaf {
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
LEAF_VECTORIZE void add_blocks(const uint8_t* __restrict lines, int64_t stride, const int32_t* __restrict weights, int64_t count,
                               int64_t n, uint8_t* __restrict output) {
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
}

}  // namespace

void add_lines(const uint8_t* lines, int64_t stride, const int32_t* weights, int64_t count, int64_t n, uint8_t* output) {
  static constexpr std::array kByLast = {add_blocks<1>, add_blocks<2>, add_blocks<3>, add_blocks<4>};
  if (n >= kBlock) return kByLast[(count - 1) % kGroup](lines, stride, weights, count, n, output);
  for (int64_t i = 0; i < n; ++i) {
    uint32_t sum = kHalf;
    for (int64_t k = 0; k < count; ++k) sum += lines[k * stride + i] * static_cast<uint32_t>(weights[k]);
    output[i] = static_cast<uint8_t>(sum >> kWeightBits);
  }
}

}  // namespace leaf
