#pragma once

#include <cstdint>
#include <vector>

namespace leaf {

// The parts of resizing (resize.h): lines of bytes are added with weights along one side, transposed, and added along the other.

constexpr int kWeightBits = 32 - 8 - 2;  ///< of a weight; Pillow's PRECISION_BITS

struct Range {
  int64_t begin, size;
};

/// How a line of pixels is resized: for each output place, where its inputs start and their weights, `count` for each, which
/// together are 2²² but for their rounding (Pillow, Resample.c, bilinear). All inputs exist; the weights that are not needed
/// are 0.
struct Taps {
  int64_t count = 0;
  std::vector<int32_t> first;    ///< [places]
  std::vector<int32_t> weights;  ///< [places, count]

  /// For the places of `part` when a line of `input` pixels becomes one of `output`; all ≥ 1.
  Taps(int64_t input, int64_t output, Range part);

  /// The last place becomes the first.
  void mirror();
};

/// The weighted sum of `count` lines of n bytes that lie `stride` bytes apart, to n bytes elsewhere, rounded. Weights are those
/// of a place of Taps: not negative and together 2²² but for their rounding, so that a sum never leaves a byte's range (with
/// more than 8,000 it might).
void add_lines(const uint8_t* lines, int64_t stride, const int32_t* weights, int64_t count, int64_t n, uint8_t* output);

/// Writes the transpose of a matrix of bytes, [rows, columns] with rows `stride` bytes apart, as [columns, rows] with rows
/// `output_stride` bytes apart. The two do not overlap.
void transpose(const uint8_t* input, int64_t stride, int64_t rows, int64_t columns, uint8_t* output, int64_t output_stride);

}  // namespace leaf
