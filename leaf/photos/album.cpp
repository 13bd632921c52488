#include "leaf/photos/album.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/open.h"
#include "leaf/pictures/codec.h"
#include "leaf/pictures/open_video.h"

namespace leaf {
namespace {

namespace fs = std::filesystem;

/// A picture inside a folder, which no link leads out of.
Image decode(const Source& folder, const std::string& path) {
  const auto content = folder.read(path);
  try {
    return decode_image(content);
  } catch (const Error& error) {
    fail("{}/{}: {}", printable(folder.name()), printable(path), error.what());
  }
}

Shot picture_shot(const std::string& path) {
  return {path, fs::path(path).filename().string(), -1, 0, 0, [path] {
            std::error_code code;
            if (!fs::exists(path, code))
              fail("cannot read {}: {}", printable(path), code ? code.message() : "there is no such file or folder");
            return read_image(path);
          }};
}

/// A shot that tells why there is none.
Shot missing_shot(const std::string& path, int64_t frame, const std::string& why) {
  return {path, fs::path(path).filename().string(), frame, 0, 0, [why]() -> Image { throw Error(why); }};
}

int camera_number(const std::string& input) {
  const auto number = to_integer(std::string_view(input).substr(input.find(':') + 1));
  if (!number || *number < 0 || *number > 99)
    fail_usage("a camera is camera:0 or another number up to 99, found {}", printable(input));
  return static_cast<int>(*number);
}

}  // namespace

Album::Album(std::vector<std::string> inputs, Note note) : note_(std::move(note)), inputs_(inputs.begin(), inputs.end()) {}

std::vector<Shot> Album::next(int64_t most, int64_t most_held) {
  std::vector<Shot> shots;
  int64_t held = 0;
  while (std::ssize(shots) < most && held < most_held) {
    if (video_ != nullptr) {
      add_frame(shots, held);
    } else if (!shots_.empty()) {
      shots.push_back(std::move(shots_.front()));
      shots_.pop_front();
    } else if (!open_next()) {
      break;
    }
  }
  given_ += std::ssize(shots);
  return shots;
}

void Album::add_frame(std::vector<Shot>& shots, int64_t& held) {
  const auto name = fs::path(video_path_).filename().string();
  try {
    auto frame = video_->next();
    if (!frame) {
      // What a container announces follows from its duration and may be off by a little.
      const int64_t announced = video_->frames(), frames = std::exchange(frames_, 0);
      video_.reset();
      if (frames < announced - std::max<int64_t>(2, announced / 20))
        fail("it ends after {} of the {} frames that it announces: it is cut off or damaged", frames, announced);
      return;
    }
    ++frames_;
    held += frame->image.height * frame->image.width;
    auto image = std::make_shared<const Image>(std::move(frame->image));
    shots.push_back({video_path_, name, frame->number, frame->time, video_->rate(), [image] { return *image; }});
  } catch (const Error& error) {
    shots.push_back(missing_shot(video_path_, -1, fmt::format("{}: {}", printable(video_path_), error.what())));
    video_.reset();
    frames_ = 0;
  }
}

bool Album::open_next() {
  std::string input;
  if (!videos_.empty()) {
    input = std::move(videos_.front());
    videos_.pop_front();
  } else if (listing_) {
    if (!std::getline(std::cin, input)) return listing_ = false, open_next();
    if (input.ends_with('\r')) input.pop_back();
    if (input.empty()) return true;
  } else if (inputs_.empty()) {
    return false;
  } else {
    input = std::move(inputs_.front());
    inputs_.pop_front();
    if (input == "-") return listing_ = true;
  }
  try {
    std::error_code code;
    if (is_camera(input)) {
      video_ = open_camera(camera_number(input));
      video_path_ = input;
    } else if (fs::is_directory(input, code)) {
      open_folder(input);
    } else if (is_video_name(input)) {
      video_ = open_video(input);
      video_path_ = input;
      known_ += video_->frames();
    } else {
      shots_.push_back(picture_shot(input));
      ++known_;
    }
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    shots_.push_back(missing_shot(input, -1, error.what()));
    ++known_;
  }
  return true;
}

void Album::open_folder(const std::string& path) {
  const std::shared_ptr<const Source> folder = open_source(path);
  const auto pictures = folder->pictures_below("");
  for (const auto& each : pictures) {
    shots_.push_back({(fs::path(path) / each).string(), each, -1, 0, 0, [folder, each] { return decode(*folder, each); }});
  }
  size_t others = 0;
  for (const auto& each : folder->others_below("")) {
    is_video_name(each.name) && folder->has_file(each.name) ? videos_.push_back((fs::path(path) / each.name).string())
                                                            : static_cast<void>(++others);
  }
  known_ += std::ssize(pictures);
  if (others > 0 && note_) {
    note_(fmt::format(
        "{}: {} files were left out: hidden, links that lead out, or neither pictures nor videos of a kind that is read",
        printable(path), others));
  }
  if (pictures.empty() && videos_.empty())
    fail("there is no picture in {}; expected .png, .jpg, .bmp, .tif, .webp, .ppm or .pgm files, or videos", printable(path));
}

bool is_camera(std::string_view input) { return input.starts_with("camera:"); }

}  // namespace leaf
