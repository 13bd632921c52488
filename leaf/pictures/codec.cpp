#include "leaf/pictures/codec.h"

#include <algorithm>
#include <climits>
#include <stdexcept>
#include <utility>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/shared_library.h"
#include "leaf/base/text.h"
#include "leaf/pictures/picture_header.h"
#include "leaf/pictures/picture_library.h"

namespace leaf {
namespace {

/// OpenCV counts in int.
uint64_t largest_file() { return static_cast<uint64_t>(std::min<int64_t>(limits().picture.memory, INT_MAX)); }

const PictureLibrary& picture_library() {
  static const auto& library = *static_cast<const PictureLibrary*>(
      load_symbol("libleaf_codec.so", "leaf_picture_library", "pictures cannot be read or written"));
  return library;
}

/// Throws Error where the picture would take more than PictureLimits allow.
void check_cost(const PictureHeader& header, int64_t file_bytes) {
  const auto& most = limits().picture;
  const auto [height, width] = std::pair(header.height, header.width);
  if (height < 1 || width < 1) fail("damaged picture: its size is {} × {} pixels", width, height);
  if (!most.allow(height, width)) {
    fail("the picture is {} × {} pixels; at most {} a side and {} in all are read: make it smaller", width, height, most.side,
         most.pixels);
  }
  if (header.scans > most.scans || header.scans * height * width > most.work) {
    fail("the JPEG of {} × {} pixels has {} scans; at most {} are decoded, and {} pixels in all of them: save it as PNG", width,
         height, header.scans, most.scans, most.work);
  }
  const int64_t bytes = header.format == PictureFormat::jpeg ? 3 : 4;  // OpenCV decodes a gray picture into a place of its own
  const int64_t memory = file_bytes + height * width * bytes + header.held;
  if (memory > most.memory) {
    fail("the picture of {} × {} pixels takes {} to decode; at most {} are spent: make it smaller, or save it as PNG", width,
         height, human_bytes(static_cast<uint64_t>(memory)), human_bytes(static_cast<uint64_t>(most.memory)));
  }
}

/// Turned and mirrored so that it stands as the camera saw it (EXIF's orientation, 1…8).
Image upright(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool transposed = orientation >= 5;
  const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Image result(transposed ? image.width : image.height, transposed ? image.height : image.width);
  for (int64_t y = 0; y < result.height; ++y) {
    for (int64_t x = 0; x < result.width; ++x) {
      const int64_t row = transposed ? x : y, column = transposed ? y : x;
      const uint8_t* from =
          image.row(mirror_y ? image.height - 1 - row : row) + (mirror_x ? image.width - 1 - column : column) * 3;
      std::copy_n(from, 3, result.row(y) + x * 3);
    }
  }
  return result;
}

}  // namespace

Image decode_image(std::span<const uint8_t> bytes) {
  if (bytes.size() > largest_file())
    fail("the picture's file is {}; at most {} are read", human_bytes(bytes.size()), human_bytes(largest_file()));
  const auto header = read_picture_header(bytes);
  const bool rewritten = header.format == PictureFormat::png || header.format == PictureFormat::tiff;
  check_cost(header, std::ssize(bytes) * (rewritten || !header.ended ? 2 : 1));
  const auto& decode = picture_library().decode;
  return upright(rewritten ? decode(pixels_only(bytes, header.format), header) : decode(bytes, header), header.orientation);
}

std::vector<uint8_t> encode_png(const Image& image) {
  if (image.empty()) throw std::logic_error("encode_png needs a picture");
  return picture_library().encode_png(image);
}

Image read_image(const std::filesystem::path& path) {
  const auto content = read_file(path, largest_file());
  try {
    return decode_image(content);
  } catch (const Error& error) {
    fail("{}: {}", printable(path.string()), error.what());
  }
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const auto bytes = encode_png(image);
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

bool is_image_name(const std::filesystem::path& path) {
  static constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".bmp",
                                                  ".tif", ".tiff", ".webp", ".ppm", ".pgm"};
  return std::ranges::find(kEndings, lower(path.extension().string())) != std::end(kEndings);
}

}  // namespace leaf
