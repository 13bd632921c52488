#pragma once

#include <cstdint>

namespace leaf {

/// Writes the transpose of a matrix of bytes, [rows, columns] with rows `stride` bytes apart, as [columns, rows] with rows
/// `output_stride` bytes apart. The two do not overlap.
void transpose(const uint8_t* input, int64_t stride, int64_t rows, int64_t columns, uint8_t* output, int64_t output_stride);

}  // namespace leaf
