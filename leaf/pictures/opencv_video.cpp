#include <stdlib.h>

#include <cmath>
#include <opencv2/videoio.hpp>
#include <stdexcept>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/text.h"
#include "leaf/pictures/opencv.h"
#include "leaf/pictures/video_library.h"

// libleaf_video.so: see VideoLibrary.

namespace leaf {
namespace {

class OpenCvVideo : public Video {
 public:
  OpenCvVideo(cv::VideoCapture capture, bool camera) : capture_(std::move(capture)), camera_(camera) {
    const double count = camera ? 0 : capture_.get(cv::CAP_PROP_FRAME_COUNT);
    frames_ = std::isfinite(count) && count > 0 && count < 1e12 ? static_cast<int64_t>(count) : 0;
  }

  int64_t frames() const override { return frames_; }

  double rate() const override {
    constexpr double kUsual = 25, kMost = 1000;
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    return std::isfinite(rate) && rate > 0 && rate <= kMost ? rate : kUsual;
  }

  std::optional<Frame> next() override {
    const auto length = [&](int property) { return static_cast<int64_t>(capture_.get(property)); };
    check_size(length(cv::CAP_PROP_FRAME_HEIGHT), length(cv::CAP_PROP_FRAME_WIDTH));
    cv::Mat picture;
    try {
      if (!capture_.read(picture) || picture.empty()) {
        if (camera_) fail("the camera gives no more pictures after {} frames: it was taken away", number_);
        return std::nullopt;
      }
    } catch (const cv::Exception& exception) {
      fail("frame {} cannot be decoded: {}", number_, printable(exception.err));
    }
    if (picture.type() != CV_8UC3) fail("frame {} has no three channels of 8 bits; make another video of it", number_);
    Frame frame{Image(picture.rows, picture.cols), number_, 0};
    for (int y = 0; y < picture.rows; ++y) exchange_red_and_blue(picture.ptr(y), frame.image.row(y), picture.cols);
    const double milliseconds = capture_.get(cv::CAP_PROP_POS_MSEC);
    if (std::isfinite(milliseconds)) frame.time = milliseconds / 1000;
    ++number_;
    return frame;
  }

 private:
  static void check_size(int64_t height, int64_t width) {
    const auto& most = limits().picture;
    if (!most.allow(height, width))
      fail("the video's frames are {} × {} pixels; at most {} a side and {} in all are read", width, height, most.side,
           most.pixels);
  }

  cv::VideoCapture capture_;
  const bool camera_;
  int64_t frames_ = 0, number_ = 0;
};

class OpenCvWriter : public VideoWriter {
 public:
  OpenCvWriter(cv::VideoWriter writer, int64_t height, int64_t width)
      : writer_(std::move(writer)), picture_(static_cast<int>(height), static_cast<int>(width), CV_8UC3) {}

  void add(const Image& frame) override {
    if (frame.height != picture_.rows || frame.width != picture_.cols) throw std::logic_error("a video has frames of one size");
    for (int y = 0; y < picture_.rows; ++y) exchange_red_and_blue(frame.row(y), picture_.ptr(y), picture_.cols);
    writer_.write(picture_);
  }

 private:
  cv::VideoWriter writer_;
  cv::Mat picture_;
};

std::unique_ptr<Video> opened(cv::VideoCapture capture, bool camera) {
  if (!capture.isOpened()) return nullptr;
  return std::make_unique<OpenCvVideo>(std::move(capture), camera);
}

/// FFmpeg writes to the terminal too.
void silence() {
  silence_opencv();
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);  // AV_LOG_QUIET; OpenCV has no other way to say it
}

std::unique_ptr<Video> capture_file(const std::string& path) {
  silence();
  try {
    return opened(cv::VideoCapture(path, cv::CAP_FFMPEG), false);
  } catch (const cv::Exception&) {
    return nullptr;
  }
}

std::unique_ptr<Video> capture_camera(int number) {
  silence();
  try {
    return opened(cv::VideoCapture(number, cv::CAP_V4L2), true);
  } catch (const cv::Exception&) {
    return nullptr;
  }
}

std::unique_ptr<VideoWriter> create(const std::string& path, int64_t height, int64_t width, double rate) {
  silence();
  try {
    cv::VideoWriter writer(path, cv::CAP_OPENCV_MJPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), rate,
                           {static_cast<int>(width), static_cast<int>(height)});
    if (!writer.isOpened()) return nullptr;
    return std::make_unique<OpenCvWriter>(std::move(writer), height, width);
  } catch (const cv::Exception&) {
    return nullptr;
  }
}

}  // namespace
}  // namespace leaf

extern "C" const leaf::VideoLibrary leaf_video_library = {leaf::capture_file, leaf::capture_camera, leaf::create};
