#pragma once

#include <algorithm>

#include "leaf/detection/face_finder.h"

namespace leaf {

/// Takes red squares for faces: those of a grid of 10 pixels whose middle is red, joined along rows.
class RedSquares : public FaceDetector {
 public:
  std::string name() const override { return "red squares"; }

  std::vector<Face> detect(const Image& photo) const override {
    std::vector<Face> faces;
    for (int64_t top = 0; top + 10 <= photo.height; top += 10) {
      for (int64_t left = 0; left + 10 <= photo.width; left += 10) {
        const uint8_t* middle = photo.row(top + 5) + (left + 5) * 3;
        if (middle[0] > 200 && middle[1] < 60)
          faces.push_back({{static_cast<double>(left), static_cast<double>(top), 10, 10}, 0.9, {}});
      }
    }
    return faces;
  }
};

inline FaceFinder red_squares() { return {std::make_unique<RedSquares>(), nullptr}; }

/// A gray photo of 40 × 60 pixels with such faces at these places of the grid, (row, column).
inline Image photo_with(const std::vector<std::pair<int64_t, int64_t>>& places) {
  Image photo(40, 60, {90, 90, 90});
  for (const auto& [row, column] : places) {
    for (int64_t y = 0; y < 10; ++y) {
      for (int64_t x = 0; x < 10; ++x) {
        uint8_t* pixel = photo.row(10 * row + y) + (10 * column + x) * 3;
        pixel[0] = 255, pixel[1] = 0, pixel[2] = 0;
      }
    }
  }
  return photo;
}

}  // namespace leaf
