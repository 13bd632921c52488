#pragma once

#include <memory>
#include <string>

#include "leaf/detection/detector.h"

namespace leaf {

/// What LEAF takes of OpenCV's objdetect: a library of its own, libleaf_detectors.so, which brings OpenCV's dnn.
struct DetectorLibrary {
  /// Null where the file is no cascade.
  std::unique_ptr<FaceDetector> (*cascade)(const std::string& file);
  /// Throws Error.
  std::unique_ptr<FaceDetector> (*yunet)(const std::string& file, const DetectorOptions& options);
};

}  // namespace leaf

/// The name under which the library has them.
extern "C" const leaf::DetectorLibrary leaf_detector_library;
