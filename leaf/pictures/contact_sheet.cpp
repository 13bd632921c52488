#include "leaf/pictures/contact_sheet.h"

#include <algorithm>
#include <stdexcept>

namespace leaf {

Image contact_sheet(const std::vector<Image>& faces, int64_t columns) {
  if (columns < 1) throw std::logic_error("contact_sheet needs columns >= 1");
  if (faces.empty()) return {};
  constexpr int64_t kGap = 2;
  int64_t height = 0, width = 0;
  for (const Image& face : faces) height = std::max(height, face.height), width = std::max(width, face.width);
  const auto count = static_cast<int64_t>(faces.size());
  const int64_t across = std::min(columns, count), rows = (count + columns - 1) / columns;
  Image sheet(rows * (height + kGap) + kGap, across * (width + kGap) + kGap, {255, 255, 255});
  for (int64_t i = 0; i < count; ++i) {
    const int64_t top = kGap + i / columns * (height + kGap), left = kGap + i % columns * (width + kGap);
    for (int64_t y = 0; y < faces[i].height; ++y) {
      std::copy_n(faces[i].row(y), faces[i].width * 3, sheet.row(top + y) + left * 3);
    }
  }
  return sheet;
}

}  // namespace leaf
