#include "leaf/detection/other_detectors.h"

#include <array>

#include "leaf/base/error.h"
#include "leaf/base/shared_library.h"
#include "leaf/base/text.h"
#include "leaf/detection/detector_library.h"

namespace leaf {
namespace {

const DetectorLibrary& detector_library() {
  static const auto& library = *static_cast<const DetectorLibrary*>(
      load_symbol("libleaf_detectors.so", "leaf_detector_library", "OpenCV's detectors cannot be used"));
  return library;
}

}  // namespace

std::unique_ptr<FaceDetector> make_cascade_detector() {
  static constexpr std::array kFolders = {"/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades"};
  for (const char* folder : kFolders) {
    const auto file = std::filesystem::path(folder) / "haarcascade_frontalface_alt2.xml";
    if (!std::filesystem::exists(file)) continue;
    auto detector = detector_library().cascade(file.string());
    if (detector == nullptr) fail("{} is no cascade that OpenCV reads; install Debian's opencv-data again", file.string());
    return detector;
  }
  fail("nothing finds faces in photos here: run scripts/weights, or install Debian's opencv-data");
}

std::unique_ptr<FaceDetector> make_yunet_detector(const std::filesystem::path& file, const DetectorOptions& options) {
  if (!std::filesystem::is_regular_file(file))
    fail("{} is no file; a YuNet of OpenCV's model zoo was expected", printable(file.string()));
  return detector_library().yunet(std::filesystem::absolute(file).string(), options);
}

}  // namespace leaf
