#include "leaf/pictures/jpeg_codec.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
// After the above, whose types it uses.
#include <jpeglib.h>
// After jpeglib.h.
#include <jerror.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

// A part of libleaf_codec.so.

namespace leaf {
namespace {

/// libjpeg's errors, and those of its warnings that mean missing pixels, end the decoding; it does not print.
struct ErrorManager : jpeg_error_mgr {
  std::jmp_buf back;
  int code = 0;
  char text[JMSG_LENGTH_MAX] = {};

  static ErrorManager& of(j_common_ptr codec) { return *static_cast<ErrorManager*>(codec->err); }

  [[noreturn]] static void stop(j_common_ptr codec) {
    auto& self = of(codec);
    self.code = self.msg_code;
    self.format_message(codec, self.text);
    std::longjmp(self.back, 1);
  }
  static void warn(j_common_ptr codec, int level) {
    constexpr int kMissing[] = {JWRN_HIT_MARKER, JWRN_HUFF_BAD_CODE, JWRN_JPEG_EOF, JWRN_MUST_RESYNC, JWRN_ARITH_BAD_CODE};
    const int code = of(codec).msg_code;
    if (level < 0 && std::find(std::begin(kMissing), std::end(kMissing), code) != std::end(kMissing)) stop(codec);
  }
  static void print(j_common_ptr) {}
};

enum class Outcome { decoded, other_size, incomplete, stopped };

/// Whether all scans of a progressive JPEG are there: of what was begun, every bit, and the mean of every block.
bool complete(const jpeg_decompress_struct& codec) {
  if (!codec.progressive_mode || codec.coef_bits == nullptr) return true;
  for (int c = 0; c < codec.num_components; ++c) {
    const int* bits = codec.coef_bits[c];  // of each coefficient: those still to come, −1 = not begun
    if (bits[0] != 0 || std::any_of(bits, bits + DCTSIZE2, [](int left) { return left > 0; })) return false;
  }
  return true;
}

/// Inverted cyan, magenta, yellow and black to RGB, as OpenCV computes it.
void from_cmyk(const uint8_t* from, uint8_t* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i, from += 4, to += 3) {
    const int black = from[3];
    for (int c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(black - ((255 - from[c]) * black >> 8));
  }
}

void from_gray(const uint8_t* from, uint8_t* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i, to += 3) to[0] = to[1] = to[2] = from[i];
}

/// No object with a destructor may be made here: libjpeg leaves it by longjmp.
Outcome decode_rows(jpeg_decompress_struct& codec, ErrorManager& errors, std::span<const uint8_t> bytes, int64_t memory,
                    Image& image, std::vector<uint8_t>& line) {
  if (setjmp(errors.back) != 0) return Outcome::stopped;  // NOLINT: libjpeg has no other way
  jpeg_create_decompress(&codec);
  codec.mem->max_memory_to_use = memory;
  jpeg_mem_src(&codec, bytes.data(), bytes.size());
  jpeg_read_header(&codec, TRUE);
  if (codec.image_height != image.height || codec.image_width != image.width) return Outcome::other_size;
  const bool cmyk = codec.num_components == 4, gray = codec.num_components == 1;
  codec.out_color_space = cmyk ? JCS_CMYK : gray ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&codec);
  if (!complete(codec)) return Outcome::incomplete;
  while (codec.output_scanline < codec.output_height) {
    uint8_t* const row = image.row(codec.output_scanline);
    uint8_t* target = cmyk || gray ? line.data() : row;
    jpeg_read_scanlines(&codec, &target, 1);
    if (cmyk) from_cmyk(line.data(), row, image.width);
    if (gray) from_gray(line.data(), row, image.width);
  }
  jpeg_finish_decompress(&codec);
  return Outcome::decoded;
}

}  // namespace

Image decode_jpeg(std::span<const uint8_t> bytes, int64_t height, int64_t width, int64_t memory) {
  Image image(height, width);
  std::vector<uint8_t> line(static_cast<size_t>(width) * 4);
  ErrorManager errors;
  jpeg_decompress_struct codec{};
  codec.err = jpeg_std_error(&errors);
  errors.error_exit = ErrorManager::stop;
  errors.emit_message = ErrorManager::warn;
  errors.output_message = ErrorManager::print;
  const auto outcome = decode_rows(codec, errors, bytes, memory, image, line);
  jpeg_destroy_decompress(&codec);
  if (outcome == Outcome::other_size) fail("damaged JPEG: it states two sizes");
  if (outcome == Outcome::incomplete) fail("damaged JPEG: scans are missing");
  if (outcome == Outcome::stopped && errors.code == JERR_NO_BACKING_STORE)
    fail("a JPEG of {} × {} pixels with many scans takes too much memory to decode: save it as PNG", width, height);
  constexpr std::string_view kSaid = "Corrupt JPEG data: ";
  const std::string_view text(errors.text);
  if (outcome == Outcome::stopped)
    fail("damaged JPEG: {}", printable(text.starts_with(kSaid) ? text.substr(kSaid.size()) : text));
  return image;
}

}  // namespace leaf
