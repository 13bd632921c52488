#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leaf {

/// A NumPy array as text and numbers: enough for label files (.npy, versions 1 to 3, C order).
struct NpyArray {
  std::vector<int64_t> shape;       ///< empty for a single value
  std::vector<std::string> values;  ///< row after row; numbers in shortest decimal form
};

/// Reads an .npy file of integers, floats, byte or Unicode strings, little-endian. Throws Error, without naming a file: not
/// NumPy's format, truncated, pickled objects (never run), big-endian, Fortran order, more values
/// than ListLimits allow.
NpyArray parse_npy(std::string_view bytes);

}  // namespace leaf
