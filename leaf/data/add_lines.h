#pragma once

#include <cstdint>

namespace leaf {

/// The weighted sum of `count` lines of n bytes that lie `stride` bytes apart, to n bytes elsewhere, rounded. Weights are those
/// of a place of Taps: not negative and together 2²² but for their rounding, so that a sum never leaves a byte's range (with more
/// than 8,000 it might).
void add_lines(const uint8_t* lines, int64_t stride, const int32_t* weights, int64_t count, int64_t n, uint8_t* output);

}  // namespace leaf
