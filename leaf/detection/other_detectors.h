#pragma once

#include <filesystem>
#include <memory>

#include "leaf/detection/detector.h"

namespace leaf {

/// OpenCV's Haar cascade for faces seen from the front (Debian's opencv-data), where nothing was fetched. Its score is no
/// probability: a face is found or not, and has 1. Throws Error where the file is missing.
std::unique_ptr<FaceDetector> make_cascade_detector();

/// YuNet by OpenCV's dnn, from an ONNX file that the user has. Throws Error: OpenCV cannot run it (4.6 needs
/// face_detection_yunet_2022mar.onnx).
std::unique_ptr<FaceDetector> make_yunet_detector(const std::filesystem::path& file, const DetectorOptions& options);

}  // namespace leaf
