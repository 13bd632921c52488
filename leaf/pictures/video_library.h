#pragma once

#include <memory>
#include <string>

#include "leaf/pictures/video.h"

namespace leaf {

/// What LEAF takes of OpenCV's videoio: a library of its own, libleaf_video.so, which brings FFmpeg's and GStreamer's.
struct VideoLibrary {
  /// Null where it cannot be opened.
  std::unique_ptr<Video> (*open_file)(const std::string& path);
  std::unique_ptr<Video> (*open_camera)(int number);
  std::unique_ptr<VideoWriter> (*create)(const std::string& path, int64_t height, int64_t width, double rate);
};

}  // namespace leaf

/// The name under which the library has them.
extern "C" const leaf::VideoLibrary leaf_video_library;
