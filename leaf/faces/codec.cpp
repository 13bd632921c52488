#include "leaf/faces/codec.h"

#include <algorithm>
#include <climits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/faces/picture_header.h"

namespace leaf {
namespace {

constexpr uint64_t kMaxFile = INT_MAX;  // OpenCV counts in int

/// OpenCV logs to the terminal; what is worth saying is said by our errors.
void silence_opencv() {
  static const auto once = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  static_cast<void>(once);
}

void check_size(const PictureHeader& header) {
  const auto [height, width] = std::pair(header.height, header.width);
  if (height < 1 || width < 1) fail("damaged picture: its size is {} × {} pixels", width, height);
  if (height > kMaxSide || width > kMaxSide || height * width > kMaxPixels) {
    fail("the picture is {} × {} pixels; at most {} a side and {} in all are read: make it smaller", width, height, kMaxSide,
         kMaxPixels);
  }
}

cv::Mat decode(std::span<const uint8_t> bytes) {
  if (bytes.size() > kMaxFile)
    fail("the picture's file is {}; at most {} are read", human_bytes(bytes.size()), human_bytes(kMaxFile));
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<uint8_t*>(bytes.data()));
  try {
    silence_opencv();
    return cv::imdecode(buffer, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& exception) {
    fail("damaged picture: {}", printable(exception.err));
  }
}

/// Red and blue exchanged, n pixels; OpenCV's own conversion would start threads.
void exchange_red_and_blue(const uint8_t* from, uint8_t* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i, from += 3, to += 3) {
    to[0] = from[2];
    to[1] = from[1];
    to[2] = from[0];
  }
}

Image to_image(const cv::Mat& picture) {
  Image image(picture.rows, picture.cols);
  for (int y = 0; y < picture.rows; ++y) exchange_red_and_blue(picture.ptr(y), image.row(y), image.width);
  return image;
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
  const auto header = read_picture_header(bytes);
  check_size(header);
  const bool rewritten = header.format == PictureFormat::png || header.format == PictureFormat::tiff;
  const auto picture = rewritten ? decode(pixels_only(bytes, header.format)) : decode(bytes);
  if (picture.rows != header.height || picture.cols != header.width) fail("damaged picture: its pixels cannot be decoded");
  return upright(to_image(picture), header.orientation);
}

std::vector<uint8_t> encode_png(const Image& image) {
  if (image.empty()) throw std::logic_error("encode_png needs a picture");
  cv::Mat bgr(static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3);
  exchange_red_and_blue(image.pixels.data(), bgr.ptr(), image.height * image.width);
  std::vector<uint8_t> bytes;
  try {
    silence_opencv();
    cv::imencode(".png", bgr, bytes,
                 {cv::IMWRITE_PNG_COMPRESSION, 6, cv::IMWRITE_PNG_STRATEGY, cv::IMWRITE_PNG_STRATEGY_DEFAULT});
  } catch (const cv::Exception& exception) {
    fail("a picture cannot be written as PNG: {}", printable(exception.err));
  }
  return bytes;
}

Image read_image(const std::filesystem::path& path) {
  const auto content = read_file(path, kMaxFile);
  try {
    return decode_image({reinterpret_cast<const uint8_t*>(content.data()), content.size()});
  } catch (const Error& error) {
    fail("{}: {}", printable(path.string()), error.what());
  }
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const auto bytes = encode_png(image);
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

bool is_image_name(const std::filesystem::path& path) {
  static constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"};
  return std::ranges::find(kEndings, lower(path.extension().string())) != std::end(kEndings);
}

}  // namespace leaf
