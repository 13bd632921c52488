#include "leaf/detection/face_finder.h"

#include <algorithm>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/detection/other_detectors.h"
#include "leaf/detection/tiny_face_detector.h"

namespace leaf {

FaceFinder::FaceFinder(std::unique_ptr<FaceDetector> detector, std::unique_ptr<LandmarkNetwork> points)
    : detector_(std::move(detector)), points_(std::move(points)) {}

std::vector<Face> FaceFinder::find(const Image& photo) const {
  if (photo.empty()) return {};
  auto faces = detector_->detect(photo);
  if (points_) {
    for (auto& face : faces) face.landmarks = points_->find(photo, face.box);
  }
  std::stable_sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) { return a.box.area() > b.box.area(); });
  return faces;
}

std::string FaceFinder::name() const { return detector_->name() + (points_ ? "; face_landmark_68" : "; no landmarks"); }

FaceFinder make_face_finder(const std::filesystem::path& weights, const FinderOptions& options) {
  const bool fetched = std::filesystem::is_directory(weights);
  auto points = fetched ? std::make_unique<LandmarkNetwork>(weights) : nullptr;
  std::unique_ptr<FaceDetector> detector;
  if (options.which == "cascade" || (options.which.empty() && !fetched)) {
    detector = make_cascade_detector();
  } else if (options.which.empty() || options.which == "tiny_face_detector") {
    detector = make_tiny_face_detector(weights, options.detector);
  } else if (options.which.ends_with(".onnx")) {
    detector = make_yunet_detector(options.which, options.detector);
  } else {
    fail_usage("there is no detector {}; known: tiny_face_detector, cascade, or an ONNX file of YuNet", printable(options.which));
  }
  return {std::move(detector), std::move(points)};
}

}  // namespace leaf
