#include <algorithm>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/detection/detector_library.h"
#include "leaf/pictures/opencv.h"

// libleaf_detectors.so: see DetectorLibrary.

namespace leaf {
namespace {

void silence() {
  silence_opencv();
  cv::setNumThreads(1);  // callers share out the photos
}

/// A view of the photo; OpenCV does not write to it.
cv::Mat as_rgb(const Image& photo) {
  return {static_cast<int>(photo.height), static_cast<int>(photo.width), CV_8UC3, const_cast<uint8_t*>(photo.pixels.data())};
}

/// The photo with its longer side at most `most` pixels, and how many of the photo's pixels one of it is.
double shrunk(const Image& photo, int64_t most, cv::Mat& small) {
  const double scale = std::max(1.0, static_cast<double>(std::max(photo.height, photo.width)) / static_cast<double>(most));
  const auto length = [&](int64_t pixels) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(pixels) / scale)));
  };
  cv::resize(as_rgb(photo), small, {length(photo.width), length(photo.height)}, 0, 0, cv::INTER_AREA);
  return scale;
}

class Cascade : public FaceDetector {
 public:
  explicit Cascade(cv::CascadeClassifier cascade) : cascade_(std::move(cascade)) {}

  std::string name() const override { return "OpenCV's Haar cascade"; }

  std::vector<Face> detect(const Image& photo) const override {
    constexpr int64_t kMost = 1024;  // pixels; faces of 30 of them are found
    constexpr double kStep = 1.1;
    constexpr int kNeighbors = 5, kSmallest = 30;
    cv::Mat small, gray;
    const double scale = shrunk(photo, kMost, small);
    cv::cvtColor(small, gray, cv::COLOR_RGB2GRAY);
    cv::equalizeHist(gray, gray);
    std::vector<cv::Rect> found;
    {
      const std::scoped_lock lock(mutex_);  // a cascade has memory of its own for one picture
      cascade_.detectMultiScale(gray, found, kStep, kNeighbors, 0, {kSmallest, kSmallest});
    }
    std::vector<Face> faces;
    for (const auto& box : found) faces.push_back({{box.x * scale, box.y * scale, box.width * scale, box.height * scale}, 1, {}});
    return faces;
  }

 private:
  mutable cv::CascadeClassifier cascade_;
  mutable std::mutex mutex_;
};

class YuNet : public FaceDetector {
 public:
  YuNet(cv::Ptr<cv::FaceDetectorYN> network, int64_t size) : network_(std::move(network)), size_(size) {}

  std::string name() const override { return fmt::format("YuNet, {} pixels", size_); }

  std::vector<Face> detect(const Image& photo) const override {
    cv::Mat small, found;
    const double scale = shrunk(photo, size_, small);
    cv::cvtColor(small, small, cv::COLOR_RGB2BGR);
    {
      const std::scoped_lock lock(mutex_);
      network_->setInputSize(small.size());
      network_->detect(small, found);
    }
    std::vector<Face> faces;
    for (int i = 0; i < found.rows; ++i) {  // box, five points, score
      const float* row = found.ptr<float>(i);
      faces.push_back({{row[0] * scale, row[1] * scale, row[2] * scale, row[3] * scale}, row[14], {}});
    }
    return faces;  // the surest first, and no doubles
  }

 private:
  mutable cv::Ptr<cv::FaceDetectorYN> network_;
  mutable std::mutex mutex_;
  const int64_t size_;
};

std::unique_ptr<FaceDetector> cascade(const std::string& file) {
  silence();
  cv::CascadeClassifier classifier;
  try {
    if (!classifier.load(file)) return nullptr;
  } catch (const cv::Exception&) {
    return nullptr;
  }
  return std::make_unique<Cascade>(std::move(classifier));
}

std::unique_ptr<FaceDetector> yunet(const std::string& file, const DetectorOptions& options) {
  silence();
  constexpr float kDoubled = 0.3F;
  const int64_t size = *std::max_element(options.sizes.begin(), options.sizes.end());
  try {
    const cv::Size input(static_cast<int>(size), static_cast<int>(size));
    auto network = cv::FaceDetectorYN::create(file, "", input, static_cast<float>(options.threshold), kDoubled);
    auto detector = std::make_unique<YuNet>(network, size);
    detector->detect(Image(64, 64));  // says at once what OpenCV cannot run
    return detector;
  } catch (const cv::Exception& exception) {
    fail("OpenCV {} cannot run {}: {}; it needs face_detection_yunet_2022mar.onnx", CV_VERSION, printable(file),
         printable(exception.err));
  }
}

}  // namespace
}  // namespace leaf

extern "C" const leaf::DetectorLibrary leaf_detector_library = {leaf::cascade, leaf::yunet};
