#include "leaf/pictures/open_video.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

#include "leaf/base/error.h"
#include "leaf/base/shared_library.h"
#include "leaf/base/text.h"
#include "leaf/pictures/video_library.h"

namespace leaf {
namespace {

using namespace std::string_view_literals;

const VideoLibrary& video_library() {
  static const auto& library =
      *static_cast<const VideoLibrary*>(load_symbol("libleaf_video.so", "leaf_video_library", "videos cannot be read"));
  return library;
}

/// Whether a file begins like a container of one video. FFmpeg would take playlists too, which name other files and addresses.
bool begins_like_video(std::string_view head) {
  const auto at = [&](size_t place, std::string_view word) {
    return head.substr(std::min(place, head.size())).starts_with(word);
  };
  const bool transport = at(0, "G") && at(188, "G");  // packets of 188 bytes
  return at(4, "ftyp") || at(4, "moov") || at(4, "mdat") || at(4, "wide") || (at(0, "RIFF") && at(8, "AVI ")) ||
         at(0, "\x1A\x45\xDF\xA3") || at(0, "\0\0\x01\xBA"sv) || at(0, "\0\0\x01\xB3"sv) || at(0, "OggS") || transport;
}

}  // namespace

std::unique_ptr<Video> open_video(const std::filesystem::path& path) {
  const auto name = printable(path.string());
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code))
    fail("cannot read the video {}: {}", name, code ? code.message() : "it is no file");
  char head[192] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(head, sizeof head);
  if (file.gcount() == 0) fail("cannot read the video {}: it is empty, or there is no permission", name);
  if (!begins_like_video({head, static_cast<size_t>(file.gcount())})) {
    fail("{} is no video of a kind that is read; expected MP4, MOV, AVI, Matroska, WebM, MPEG or Ogg", name);
  }
  auto video = video_library().open_file(std::filesystem::absolute(path).string());
  if (video == nullptr)
    fail("the video {} cannot be opened: it is damaged, or has no pictures of a kind that FFmpeg reads", name);
  return video;
}

std::unique_ptr<Video> open_camera(int number) {
  auto camera = video_library().open_camera(number);
  if (camera == nullptr) fail("there is no camera {}, or another program has it; /dev/video{} was expected", number, number);
  return camera;
}

std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& path, int64_t height, int64_t width, double rate) {
  const auto name = printable(path.string());
  if (std::filesystem::exists(path)) fail("{} exists already; choose another name", name);
  auto writer = video_library().create(std::filesystem::absolute(path).string(), height, width, rate);
  if (writer == nullptr) fail("cannot write {}: no permission, a full disk, or frames that are too large", name);
  return writer;
}

bool is_video_name(const std::filesystem::path& path) {
  static constexpr std::string_view kEndings[] = {".mp4",  ".m4v", ".mov",  ".avi", ".mkv",
                                                  ".webm", ".mpg", ".mpeg", ".ogv", ".ts"};
  return std::ranges::find(kEndings, lower(path.extension().string())) != std::end(kEndings);
}

}  // namespace leaf
