#pragma once

#include <filesystem>
#include <memory>

#include "leaf/detection/detector.h"

namespace leaf {

/// tiny_face_detector of the npm package @vladmandic/face-api, by LEAF's layers, in float32. `folder` holds the package's weights
/// as they are (scripts/weights). Throws Error: missing or damaged.
std::unique_ptr<FaceDetector> make_tiny_face_detector(const std::filesystem::path& folder, const DetectorOptions& options);

}  // namespace leaf
