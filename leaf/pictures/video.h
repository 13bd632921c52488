#pragma once

#include <cstdint>
#include <optional>

#include "leaf/pictures/image.h"

namespace leaf {

/// A picture of a video.
struct Frame {
  Image image;
  int64_t number = 0;  ///< from 0
  double time = 0;     ///< seconds from the first one, as the video says it; a video with a variable rate is no matter
};

/// A video file or a camera, frame by frame; only one frame is held.
class Video {
 public:
  virtual ~Video() = default;
  /// The next frame, or nothing at the end. Throws Error: a frame beyond PictureLimits, a camera that was taken away.
  virtual std::optional<Frame> next() = 0;
  /// How many frames the file says that it has; 0 = it does not say, or a camera.
  virtual int64_t frames() const = 0;
  /// Frames a second, as the file says; 25 where it says nothing that can be.
  virtual double rate() const = 0;
};

/// A video that is made, frame by frame (AVI, each frame a JPEG).
class VideoWriter {
 public:
  virtual ~VideoWriter() = default;
  /// A frame of the video's size. Throws std::logic_error for another one.
  virtual void add(const Image& frame) = 0;
};

}  // namespace leaf
