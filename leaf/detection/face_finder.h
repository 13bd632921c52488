#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "leaf/detection/detector.h"
#include "leaf/detection/landmark_network.h"

namespace leaf {

/// Photos into faces with their landmarks.
class FaceFinder {
 public:
  /// Without landmarks where `points` is null.
  FaceFinder(std::unique_ptr<FaceDetector> detector, std::unique_ptr<LandmarkNetwork> points);

  /// The faces, the largest first. May be called from several threads at once; a call uses one.
  std::vector<Face> find(const Image& photo) const;

  /// "tiny_face_detector, 416 pixels; face_landmark_68".
  std::string name() const;

 private:
  std::unique_ptr<FaceDetector> detector_;
  std::unique_ptr<LandmarkNetwork> points_;
};

struct FinderOptions {
  DetectorOptions detector;
  std::string
      which;  ///< "tiny_face_detector", "cascade", an ONNX file of YuNet; "" = the first where its weights are, else cascade
};

/// What finds faces here. `weights` holds the package's weights as they are, where they were fetched. Throws Error.
FaceFinder make_face_finder(const std::filesystem::path& weights, const FinderOptions& options);

}  // namespace leaf
