#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/faces/face.h"
#include "leaf/pictures/image.h"

namespace leaf {

/// Finds faces in photos. `detect` may be called from several threads at once.
class FaceDetector {
 public:
  virtual ~FaceDetector() = default;
  /// The faces, without landmarks, the surest first. Nothing where there is none.
  virtual std::vector<Face> detect(const Image& photo) const = 0;
  /// What it is, for the terminal and for files: "tiny_face_detector, 416 pixels".
  virtual std::string name() const = 0;
};

/// Of boxes that cover one another by more than `most` (intersection over union) only the surest is kept; the rest comes out with
/// the surest first.
std::vector<Face> without_doubles(std::vector<Face> faces, double most);

struct DetectorOptions {
  /// The photo's longer side as the network sees it, pixels, multiples of 32: one look for each. A look finds faces of some 40 to
  /// 130 of its pixels, so a fine one and a coarse one see faces from a seventeenth of the photo to all of it.
  std::vector<int64_t> sizes = {672, 224};
  double threshold = 0.5;  ///< the least score
};

}  // namespace leaf
