#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "leaf/data/source.h"
#include "leaf/pictures/image.h"
#include "leaf/pictures/video.h"

namespace leaf {

/// One picture to look at: a file, or a frame of a video or camera.
struct Shot {
  std::string path;                ///< as given, or below the folder that was given
  std::string inside;              ///< the path below that folder; the file's name where a file was given
  int64_t frame = -1;              ///< of a video or camera, from 0; −1 = a picture
  double time = 0;                 ///< of the frame, seconds
  double rate = 0;                 ///< of its video, frames a second
  std::function<Image()> picture;  ///< decodes it, and may be called from any thread, again too; throws Error naming it
};

/// The pictures that inputs name, one after the other: pictures, videos, folders of both (searched through as for training, in
/// the order of their names, first the pictures), cameras ("camera:0"), and lists of these, one a line ("-" is standard input).
/// Nothing is opened before it is its turn, so neither memory nor the time to the first row grows with their number.
class Album {
 public:
  using Note = std::function<void(const std::string&)>;
  /// `note` is told what folders hold that is no picture.
  Album(std::vector<std::string> inputs, Note note);

  /// So many pictures, and pixels of frames, are given at once: enough to keep all processors busy, and little to hold.
  static constexpr int64_t kAtOnce = 32, kMostHeld = 16'000'000;

  /// At most `most` further pictures of which at most `most_held` pixels are held, at least one while there are any. Throws
  /// UsageError: a camera's number.
  std::vector<Shot> next(int64_t most = kAtOnce, int64_t most_held = kMostHeld);

  /// How many pictures it had so far, and how many are known to come: 0 = not known.
  int64_t given() const { return given_; }
  int64_t known() const { return known_; }

 private:
  bool open_next();
  void open_folder(const std::string& path);
  void add_frame(std::vector<Shot>& shots, int64_t& held);

  Note note_;
  std::deque<std::string> inputs_;
  std::deque<Shot> shots_;          ///< found, not given yet
  std::deque<std::string> videos_;  ///< of a folder, behind its pictures
  bool listing_ = false;            ///< names still come from standard input
  std::unique_ptr<Video> video_;
  std::string video_path_;
  int64_t frames_ = 0;  ///< that the video gave
  int64_t given_ = 0, known_ = 0;
};

/// Whether an input is a camera, "camera:0".
bool is_camera(std::string_view input);

}  // namespace leaf
