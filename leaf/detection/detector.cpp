#include "leaf/detection/detector.h"

#include <algorithm>
#include <utility>

namespace leaf {

std::vector<Face> without_doubles(std::vector<Face> faces, double most) {
  std::stable_sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) { return a.score > b.score; });
  std::vector<Face> kept;
  for (auto& face : faces) {
    const bool doubled = std::any_of(kept.begin(), kept.end(),
                                     [&](const Face& other) { return intersection_over_union(face.box, other.box) > most; });
    if (!doubled) kept.push_back(std::move(face));
  }
  return kept;
}

}  // namespace leaf
