#include "leaf/faces/image.h"

namespace leaf {

Image::Image(int64_t rows, int64_t columns, Color fill) : height(rows), width(columns), pixels(rows * columns * 3) {
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = fill[i % 3];
}

}  // namespace leaf
