#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
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

/// tiny_face_detector of the npm package @vladmandic/face-api, by LEAF's layers, in float32. `folder` holds the package's weights
/// as they are (scripts/weights). Throws Error: missing or damaged.
std::unique_ptr<FaceDetector> make_tiny_face_detector(const std::filesystem::path& folder, const DetectorOptions& options);

/// OpenCV's Haar cascade for faces seen from the front (Debian's opencv-data), where nothing was fetched. Its score is no
/// probability: a face is found or not, and has 1. Throws Error where the file is missing.
std::unique_ptr<FaceDetector> make_cascade_detector();

/// YuNet by OpenCV's dnn, from an ONNX file that the user has. Throws Error: OpenCV cannot run it (4.6 needs
/// face_detection_yunet_2022mar.onnx).
std::unique_ptr<FaceDetector> make_yunet_detector(const std::filesystem::path& file, const DetectorOptions& options);

}  // namespace leaf
