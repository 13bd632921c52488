#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "leaf/pictures/video.h"

namespace leaf {

/// A video of a kind that is read (MP4, MOV, AVI, Matroska, WebM, MPEG, Ogg, told by its first bytes; lists of other files and
/// addresses are not). Turned as the video says. Throws Error naming the file.
std::unique_ptr<Video> open_video(const std::filesystem::path& path);

/// The camera with that number, from 0. Throws Error: there is none, or it cannot be opened.
std::unique_ptr<Video> open_camera(int number);

/// Makes the file, with frames of that size. Throws Error: it exists, or cannot be written.
std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& path, int64_t height, int64_t width, double rate);

/// Whether the name ends like a video (.mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .ogv .ts, any case).
bool is_video_name(const std::filesystem::path& path);

}  // namespace leaf
