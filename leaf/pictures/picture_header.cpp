#include "leaf/pictures/picture_header.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "leaf/base/bytes.h"
#include "leaf/pictures/byte_reader.h"
#include "leaf/pictures/tiff_tags.h"

namespace leaf {
namespace {

using Span = std::span<const uint8_t>;

/// The size of the next JPEG marker's segment is counted with its own two bytes; these markers have none.
bool stands_alone(uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8); }

bool starts_frame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/// The place of the first marker after the compressed data that begin at `at`, or the end of a file that has none.
uint64_t skip_scan(Span bytes, uint64_t at) {
  while (at + 1 < bytes.size()) {
    const auto* found = static_cast<const uint8_t*>(std::memchr(bytes.data() + at, 0xff, bytes.size() - at - 1));
    if (found == nullptr) break;
    at = static_cast<uint64_t>(found - bytes.data());
    const uint8_t next = bytes[at + 1];
    if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at += next == 0xff ? 1 : 2;
  }
  return bytes.size();
}

PictureHeader read_jpeg(Span bytes) {
  const ByteReader reader(bytes, "JPEG", false);
  PictureHeader header = {.format = PictureFormat::jpeg, .scans = 0};
  std::set<uint32_t> missing;  // components without a scan
  for (uint64_t at = 2;;) {
    if (reader.number(at, 1) != 0xff) fail("damaged JPEG: byte {} is not a marker", at);
    const auto marker = static_cast<uint8_t>(reader.number(at + 1, 1));
    if (marker == 0xff) {  // filling
      ++at;
      continue;
    }
    at += 2;
    if (marker == 0xd9) break;
    if (stands_alone(marker)) continue;
    const auto segment = reader.bytes(at, std::max<uint32_t>(reader.number(at, 2), 2)).subspan(2);
    if (starts_frame(marker)) {
      if (header.width != 0) fail("damaged JPEG: it has a second frame at byte {}", at - 2);
      if (marker > 0xc8)
        fail("a JPEG in arithmetic coding, which does not tell where pixels are missing, is not read: save it as PNG");
      if (reader.number(at + 2, 1) != 8) fail("a JPEG of {} bits is not read: save it as PNG", reader.number(at + 2, 1));
      header.height = reader.number(at + 3, 2);
      header.width = reader.number(at + 5, 2);
      for (uint32_t i = 0; i < reader.number(at + 7, 1); ++i) missing.insert(reader.number(at + 8 + uint64_t{3} * i, 1));
    }
    if (marker == 0xda) {
      for (uint32_t i = 0; i < reader.number(at + 2, 1); ++i) missing.erase(reader.number(at + 3 + uint64_t{2} * i, 1));
    }
    if (marker == 0xe1 && ByteReader(segment, "JPEG").has(0, std::string_view("Exif\0\0", 6)))
      header.orientation = exif_orientation(segment.subspan(6));
    at += segment.size() + 2;
    if (marker == 0xda) {
      at = skip_scan(bytes, at);
      ++header.scans;
      header.ended = at < bytes.size();
      if (!header.ended) break;  // whether a pixel is missing, the decoder finds
    }
  }
  if (header.width == 0 || !missing.empty()) fail("damaged JPEG: it has no {}", header.width == 0 ? "size" : "pixels");
  return header;
}

/// Calls `visit(name, content, whole chunk)` for every chunk up to the end, without a look at its checksum.
template <typename Visit>
void for_each_chunk(Span bytes, const Visit& visit) {
  const ByteReader reader(bytes, "PNG", false);
  for (uint64_t at = 8;;) {
    const uint64_t size = reader.number(at, 4);
    const auto chunk = reader.bytes(at, size + 12);
    const std::string_view name(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
    visit(name, chunk.subspan(8, size), chunk);
    if (name == "IEND") return;
    at += size + 12;
  }
}

PictureHeader read_png(Span bytes) {
  PictureHeader header = {.format = PictureFormat::png};
  bool pixels = false, gray = false;
  int64_t depth = 0;
  for_each_chunk(bytes, [&](std::string_view name, Span content, Span chunk) {
    const ByteReader whole(chunk, "PNG", false);
    if (crc32(chunk.subspan(4, content.size() + 4)) != whole.number(content.size() + 8, 4))
      fail("damaged PNG: a checksum is wrong near byte {}", chunk.data() - bytes.data());
    if ((name == "IHDR") != (chunk.data() == bytes.data() + 8)) fail("damaged PNG: its header is not its first chunk alone");
    if (name == "IHDR") {
      const ByteReader reader(content, "PNG", false);
      header.width = reader.number(0, 4);
      header.height = reader.number(4, 4);
      depth = static_cast<int64_t>(reader.number(8, 1));
      gray = reader.number(9, 1) == 0;
      header.alpha = (reader.number(9, 1) & 4) != 0;
    }
    if (name == "tRNS" && !gray) header.alpha = true;  // of grays OpenCV does not tell which is transparent: it is seen
    if (name == "eXIf") header.orientation = exif_orientation(content);
    if (name == "IDAT") pixels = true;
  });
  if (header.width == 0 || !pixels) fail("damaged PNG: it has no {}", header.width == 0 ? "size" : "pixels");
  if (header.alpha) header.held = header.height * header.width * (depth == 16 ? 8 : 4);  // decoded in a place of its own
  return header;
}

PictureHeader read_bmp(Span bytes) {
  const ByteReader reader(bytes, "BMP");
  const uint64_t head = reader.number(14, 4);
  const bool old = head == 12;
  if (!old && (head < 40 || head > 124)) fail("damaged BMP: a header of {} bytes", head);
  PictureHeader header = {.format = PictureFormat::bmp};
  header.width = old ? reader.number(18, 2) : static_cast<int32_t>(reader.number(18, 4));
  header.height = old ? reader.number(20, 2) : std::abs(int64_t{static_cast<int32_t>(reader.number(22, 4))});
  const uint64_t bits = reader.number(old ? 24 : 28, 2), packing = old ? 0 : reader.number(30, 4);
  if (packing != 0 && packing != 3) fail("a compressed BMP is not read: save it as PNG");
  if (header.width <= 0 || (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32))
    fail("damaged BMP: {} × {} pixels of {} bits", header.height, header.width, bits);
  const uint64_t colors = bits > 8 ? 0 : !old && reader.number(46, 4) > 0 ? reader.number(46, 4) : uint64_t{1} << bits;
  reader.bytes(14 + head, colors * (old ? 3 : 4));
  const uint64_t row = (static_cast<uint64_t>(header.width) * bits + 31) / 32 * 4;
  reader.bytes(reader.number(10, 4), row * static_cast<uint64_t>(header.height));
  return header;
}

constexpr int64_t kLongestSide = 1 << 24;  // beyond every limit; products of two and a few bytes are numbers of 64 bits

/// The parts, strips or tiles, that a TIFF's pixels lie in, row by row and plane after plane.
struct TiffParts {
  int64_t height, width;  ///< of one, pixels; the last strip may be lower
  int64_t down, across, planes;
  bool strips;
};

TiffParts tiff_parts(const TiffTags& tags, const PictureHeader& header, int64_t samples) {
  const auto up = [](int64_t whole, int64_t part) { return (whole + part - 1) / part; };
  TiffParts parts{header.height, header.width, 1, 1, tags.value(tiff::kPlanes, 1) == 2 ? samples : 1, true};
  parts.strips = tags.values(tiff::kTileStarts).empty();
  if (parts.strips) {
    parts.height = std::min<int64_t>(tags.value(tiff::kStripRows, ~uint32_t{0}), header.height);
  } else {
    parts.height = tags.value(tiff::kTileHeight, 0);
    parts.width = tags.value(tiff::kTileWidth, 0);
  }
  if (parts.height < 1 || parts.width < 1 || parts.height > kLongestSide || parts.width > kLongestSide)
    fail("damaged TIFF: parts of {} × {} pixels", parts.width, parts.height);
  parts.down = up(header.height, parts.height);
  parts.across = up(header.width, parts.width);
  return parts;
}

/// The most bytes that one byte can become, where that is certain.
int64_t most_unpacked(uint32_t packing) {
  switch (packing) {
    case 1:
      return 1;
    case 5:
      return 2731;  // LZW: 4096 bytes out of 12 bits
    case 8:
    case 32946:
      return 1032;  // Deflate: 258 bytes out of 2 bits
    case 32773:
      return 64;  // PackBits: 128 bytes out of 2
    default:
      return int64_t{1} << 32;
  }
}

/// Throws Error unless the file has all parts, each with as many bytes as it needs at least, and no byte belongs to two.
void check_parts(const TiffTags& tags, const TiffParts& parts, const ByteReader& reader, int64_t row_bits, int64_t height) {
  const auto starts = tags.values(parts.strips ? tiff::kStripStarts : tiff::kTileStarts),
             sizes = tags.values(parts.strips ? tiff::kStripSizes : tiff::kTileSizes);
  const int64_t expected = parts.down * parts.across * parts.planes;
  if (starts.size() != sizes.size()) fail("damaged TIFF: {} parts but {} sizes", starts.size(), sizes.size());
  if (std::ssize(starts) < expected) fail("damaged TIFF: {} parts, but its size needs {}", starts.size(), expected);
  const bool thinned = tags.value(tiff::kColors, 0) == 6;  // YCbCr may have fewer numbers
  const int64_t ratio = most_unpacked(tags.value(tiff::kPacking, 1)) * (thinned ? 4 : 1);
  uint64_t total = 0;
  for (int64_t i = 0; i < std::ssize(starts); ++i) {
    reader.bytes(starts[i], sizes[i]);
    total += sizes[i];
    const int64_t above = i / parts.across % parts.down * parts.height;
    const int64_t rows = parts.strips ? std::min(parts.height, height - above) : parts.height;
    const int64_t least = (rows * ((row_bits + 7) / 8) + ratio - 1) / ratio;
    if (i < expected && sizes[i] < least) fail("damaged TIFF: part {} has {} bytes and needs {}", i, sizes[i], least);
  }
  if (total > reader.size()) fail("damaged TIFF: its parts overlap");
}

PictureHeader read_tiff(Span bytes) {
  const TiffTags tags(bytes, "TIFF");
  static constexpr uint16_t kRead[] = {tiff::kWidth,      tiff::kHeight,    tiff::kBits,         tiff::kPacking,
                                       tiff::kColors,     tiff::kSamples,   tiff::kStripRows,    tiff::kStripStarts,
                                       tiff::kStripSizes, tiff::kPlanes,    tiff::kTileWidth,    tiff::kTileHeight,
                                       tiff::kTileStarts, tiff::kTileSizes, tiff::kExtraSamples, tiff::kSampleFormat};
  tags.check_unambiguous(kRead);
  const ByteReader reader(bytes, "TIFF");
  PictureHeader header = {
      .format = PictureFormat::tiff, .height = tags.value(tiff::kHeight, 0), .width = tags.value(tiff::kWidth, 0)};
  header.orientation = exif_orientation(bytes);
  const auto [least, most] = std::minmax(header.height, header.width);
  if (least < 1 || most > kLongestSide) return header;  // refused by its size
  const int64_t bits = tags.value(tiff::kBits, 1), samples = tags.value(tiff::kSamples, 1);
  if ((bits > 8 && bits != 16) || tags.value(tiff::kSampleFormat, 1) != 1)
    fail("a TIFF of {} bits or of fractions is not read: save it as PNG", bits);
  if (samples < 1 || samples > 4) fail("a TIFF of {} numbers a pixel is not read: save it as PNG", samples);
  // None, CCITT's three, LZW, JPEG, Deflate (two numbers), PackBits: their decoders hold no more than a part.
  static constexpr uint32_t kPackings[] = {1, 2, 3, 4, 5, 7, 8, 32773, 32946};
  const uint32_t packing = tags.value(tiff::kPacking, 1);
  if (std::ranges::find(kPackings, packing) == std::end(kPackings))
    fail("a TIFF of compression {} is not read: save it as PNG", packing);
  if (tags.values(tiff::kColors).empty()) fail("damaged TIFF: it does not say what its numbers mean");
  const auto parts = tiff_parts(tags, header, samples);
  const int64_t row_bits = parts.width * bits * (samples / parts.planes);
  // A part as it is unpacked, and as red, green, blue and transparency.
  header.held = parts.height * (parts.width * 4 + (row_bits / 8 + 1) * parts.planes);
  check_parts(tags, parts, reader, row_bits, header.height);
  return header;
}

PictureHeader read_webp(Span bytes) {
  const ByteReader reader(bytes, "WebP");
  const uint64_t end = uint64_t{reader.number(4, 4)} + 8;
  reader.bytes(0, end);
  constexpr int64_t kHeld = 8;  // bytes a pixel: libwebp's picture with its transparency, and OpenCV's copy
  PictureHeader header = {.format = PictureFormat::webp};
  if (reader.has(12, "VP8X")) {
    header.alpha = (reader.number(20, 1) & 16) != 0;
    if (reader.number(20, 1) & 2) fail("a WebP with several frames is not read: save one of them as PNG");
    header.width = reader.number(24, 3) + 1;
    header.height = reader.number(27, 3) + 1;
  } else if (reader.has(12, "VP8 ")) {
    header.width = reader.number(26, 2) & 0x3fff;
    header.height = reader.number(28, 2) & 0x3fff;
  } else if (reader.has(12, "VP8L")) {
    const uint32_t sizes = reader.number(21, 4);
    header.width = (sizes & 0x3fff) + 1;
    header.height = (sizes >> 14 & 0x3fff) + 1;
    header.alpha = (sizes >> 28 & 1) != 0;
  }
  for (uint64_t at = 12; at + 8 < end;) {  // chunks are padded to an even size
    const uint64_t size = reader.number(at + 4, 4);
    if (reader.has(at, "EXIF")) header.orientation = exif_orientation(reader.bytes(at + 8, size));
    at += 8 + size + size % 2;
  }
  header.held = header.height * header.width * kHeld;
  return header;
}

/// The next number of a PNM header; `at` moves behind it.
int64_t next_number(const ByteReader& reader, uint64_t& at) {
  for (bool comment = false;; ++at) {
    const uint32_t c = reader.number(at, 1);
    comment = c == '#' || (comment && c != '\n' && c != '\r');
    if (!comment && c >= '0' && c <= '9') break;
    if (!comment && c != ' ' && (c < '\t' || c > '\r')) fail("damaged PPM: byte {} is neither a number nor a space", at);
  }
  int64_t value = 0;
  for (uint32_t c = reader.number(at, 1); c >= '0' && c <= '9'; c = reader.number(++at, 1))
    value = std::min<int64_t>(value * 10 + c - '0', 1 << 24);
  return value;
}

PictureHeader read_pnm(Span bytes) {
  const ByteReader reader(bytes, "PPM");
  uint64_t at = 2;
  PictureHeader header = {.format = PictureFormat::pnm};
  header.width = next_number(reader, at);
  header.height = next_number(reader, at);
  const int64_t largest = next_number(reader, at);
  if (largest != 255 && largest != 65535)
    fail("a PPM with values up to {} is not read (255 and 65535 are): save it as PNG", largest);
  const int64_t channels = bytes[1] == '6' ? 3 : 1;
  reader.bytes(at + 1, static_cast<uint64_t>(header.width * header.height * channels * (largest > 255 ? 2 : 1)));
  return header;
}

}  // namespace

PictureHeader read_picture_header(Span bytes) {
  const ByteReader reader(bytes, "picture");
  if (bytes.empty()) fail("expected a picture, found an empty file");
  if (reader.has(0, "\xff\xd8")) return read_jpeg(bytes);
  if (reader.has(0, "\x89PNG\r\n\x1a\n")) return read_png(bytes);
  if (reader.has(0, "BM")) return read_bmp(bytes);
  if (reader.has(0, std::string_view("II*\0", 4)) || reader.has(0, std::string_view("MM\0*", 4))) return read_tiff(bytes);
  if (reader.has(0, "RIFF") && reader.has(8, "WEBP")) return read_webp(bytes);
  if (reader.has(0, "P5") || reader.has(0, "P6")) return read_pnm(bytes);
  fail("expected a JPEG, PNG, BMP, TIFF, WebP or binary PPM picture, found {} bytes that are none", bytes.size());
}

std::vector<uint8_t> pixels_only(Span bytes, PictureFormat format) {
  if (format == PictureFormat::tiff) {  // 1: upright; transparency that is multiplied in already
    return TiffTags::replaced(TiffTags::replaced(bytes, tiff::kOrientation, 1), tiff::kExtraSamples, 1);
  }
  std::vector<uint8_t> result(bytes.begin(), bytes.begin() + 8);
  for_each_chunk(bytes, [&](std::string_view name, Span, Span chunk) {
    const bool needed = name == "IHDR" || name == "PLTE" || name == "tRNS" || name == "IDAT" || name == "IEND";
    if (needed) result.insert(result.end(), chunk.begin(), chunk.end());
  });
  return result;
}

}  // namespace leaf
