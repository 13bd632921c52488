#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace leaf {

using Color = std::array<uint8_t, 3>;  ///< red, green, blue

/// A picture as bytes: height × width × 3, RGB, row after row without padding.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<uint8_t> pixels;

  Image() = default;
  Image(int64_t rows, int64_t columns, Color fill = {0, 0, 0});

  bool empty() const { return pixels.empty(); }
  uint8_t* row(int64_t y) { return pixels.data() + y * width * 3; }
  const uint8_t* row(int64_t y) const { return pixels.data() + y * width * 3; }
  bool operator==(const Image&) const = default;
};

}  // namespace leaf
