#include "leaf/pictures/image.h"

#include <algorithm>

namespace leaf {

Image::Image(int64_t rows, int64_t columns, Color fill) : height(rows), width(columns), pixels(rows * columns * 3) {
  if (fill == Color{0, 0, 0}) return;
  for (std::size_t i = 0; i < pixels.size(); i += 3) std::copy(fill.begin(), fill.end(), &pixels[i]);
}

}  // namespace leaf
