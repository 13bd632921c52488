#include <dlfcn.h>

#include <cstdarg>
#include <opencv2/imgcodecs.hpp>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/text.h"
#include "leaf/pictures/jpeg_codec.h"
#include "leaf/pictures/opencv.h"
#include "leaf/pictures/picture_library.h"

// libleaf_codec.so: see PictureLibrary.

namespace leaf {
namespace {

/// Each of n grays three times.
constexpr Vectorized repeat = [](const uint8_t* from, uint8_t* to, int64_t n) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i, to += 3) to[0] = to[1] = to[2] = from[i];
};

constexpr int kBackground = 128;  ///< gray, seen through what is transparent

/// Pixels of blue, green, red and opacity, 8 or 16 bits each, over the background.
template <typename T>
void compose(const T* from, uint8_t* to, int64_t n) {
  constexpr int kShift = 8 * (sizeof(T) - 1);  // of 16 bits the upper 8 count, as OpenCV has it
  for (int64_t i = 0; i < n; ++i, from += 4, to += 3) {
    const int opacity = from[3] >> kShift;
    for (int c = 0; c < 3; ++c)
      to[c] = static_cast<uint8_t>(((from[2 - c] >> kShift) * opacity + kBackground * (255 - opacity) + 127) / 255);
  }
}

thread_local bool tiff_failed = false;  // libtiff met an error in this thread

/// libtiff goes on behind an error, with black pixels, and OpenCV says nothing of it.
void listen_to_libtiff() {
  using Handler = void (*)(const char* module, const char* text, va_list values);
  static const bool once = [] {
    std::vector<uint8_t> first;  // OpenCV sets its own handler with the first TIFF that it reads, so that comes before
    cv::imencode(".tif", cv::Mat(1, 1, CV_8U, cv::Scalar(0)), first);
    cv::imdecode(first, cv::IMREAD_ANYCOLOR);
    void* const symbol = ::dlsym(RTLD_DEFAULT, "TIFFSetErrorHandler");
    if (symbol == nullptr)
      fail("no TIFF can be read, since OpenCV has no libtiff that says whether one is whole: save it as PNG");
    reinterpret_cast<Handler (*)(Handler)>(symbol)([](const char*, const char*, va_list) { tiff_failed = true; });
    return true;
  }();
  static_cast<void>(once);
  tiff_failed = false;
}

/// Into the picture's own memory: only a gray picture, of one channel, is decoded elsewhere.
Image decode_by_opencv(std::span<const uint8_t> bytes, const PictureHeader& header) {
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<uint8_t*>(bytes.data()));
  Image image(header.height, header.width);
  cv::Mat picture(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC3, image.pixels.data());
  try {
    silence_opencv();
    if (header.format == PictureFormat::tiff) listen_to_libtiff();
    if (header.alpha) {
      picture = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
    } else {
      picture = cv::imdecode(buffer, cv::IMREAD_ANYCOLOR | cv::IMREAD_IGNORE_ORIENTATION, &picture);
    }  // empty where it fails
  } catch (const cv::Exception& exception) {
    fail("damaged picture: {}", printable(exception.err));
  }
  if (header.format == PictureFormat::tiff && tiff_failed) fail("damaged TIFF: pixels are missing");
  if (picture.rows != header.height || picture.cols != header.width) fail("damaged picture: its pixels cannot be decoded");
  for (int y = 0; y < picture.rows; ++y) {
    if (picture.channels() == 4) {
      picture.depth() == CV_16U ? compose(picture.ptr<uint16_t>(y), image.row(y), image.width)
                                : compose(picture.ptr(y), image.row(y), image.width);
      continue;
    }
    picture.channels() == 1 ? repeat(picture.ptr(y), image.row(y), image.width)
                            : exchange_red_and_blue(picture.ptr(y), image.row(y), image.width);
  }
  return image;
}

Image decode(std::span<const uint8_t> bytes, const PictureHeader& header) {
  if (header.format != PictureFormat::jpeg) return decode_by_opencv(bytes, header);
  const int64_t pixels = header.height * header.width * 3;
  const int64_t memory = limits().picture.memory - std::ssize(bytes) - pixels;
  if (header.ended) return decode_jpeg(bytes, header.height, header.width, memory);
  std::vector<uint8_t> whole(bytes.begin(), bytes.end());
  whole.insert(whole.end(), {0xff, 0xd9});
  try {
    return decode_jpeg(whole, header.height, header.width, memory - std::ssize(bytes));
  } catch (const Error&) {
    fail("truncated JPEG: pixels are missing, and its end marker");
  }
}

std::vector<uint8_t> encode_png(const Image& image) {
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

}  // namespace
}  // namespace leaf

extern "C" const leaf::PictureLibrary leaf_picture_library = {leaf::decode, leaf::encode_png};
