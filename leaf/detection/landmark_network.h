#pragma once

#include <filesystem>
#include <memory>

#include "leaf/faces/alignment.h"
#include "leaf/pictures/image.h"

namespace leaf {

/// face_landmark_68 of the npm package @vladmandic/face-api, by LEAF's layers, in float32.
class LandmarkNetwork {
 public:
  /// `folder` holds the package's weights as they are (scripts/weights). Throws Error: missing or damaged.
  explicit LandmarkNetwork(const std::filesystem::path& folder);
  ~LandmarkNetwork();

  /// The 68 points of the face in that box; looked at twice where it leans, the second time upright. May be called from several
  /// threads at once.
  Landmarks find(const Image& photo, const Rectangle& box) const;

 private:
  Landmarks look(const Image& photo, const FaceSquare& square) const;

  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace leaf
