#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/rng.h"
#include "leaf/pictures/codec.h"

// Small picture files that were made to cost much.

namespace leaf {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

Image decoded(const std::string& bytes) { return decode_image(bytes); }

std::string refusal(const std::string& bytes) {
  try {
    decoded(bytes);
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    return error.what();
  }
  return "";
}

/// The parts of a gray JPEG of 16 × 8 pixels.
const std::string kTables = bytes_of(
    "ffd8ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e292d2c333a4a3e333646372c2d405741464c4e525352323e"
    "5a615a50604a51524fffc40014000100000000000000000000000000000005ffc40014100100000000000000000000000000000000");
const std::string kFrame = bytes_of("ffc0000b080008001001011100"), kScan = bytes_of("ffda0008010100003f00"),
                  kPixels = bytes_of("184b"), kEnd = bytes_of("ffd9");

/// The frame with another size.
std::string frame(int height, int width) {
  auto bytes = kFrame;
  bytes[5] = static_cast<char>(height >> 8), bytes[6] = static_cast<char>(height);
  bytes[7] = static_cast<char>(width >> 8), bytes[8] = static_cast<char>(width);
  return bytes;
}

TEST(PictureCost, AJpegHasOneFrame) {
  EXPECT_EQ(refusal(kTables + kFrame + kScan + kPixels + kEnd), "");
  EXPECT_THAT(refusal(kTables + frame(16384, 16384) + kScan + kPixels + kFrame + kEnd), HasSubstr("second frame"));
  EXPECT_THAT(refusal(kTables + frame(16384, 16384) + kFrame + kScan + kPixels + kEnd), HasSubstr("second frame"));
  EXPECT_THAT(refusal(kTables + frame(16384, 16384) + kScan + kPixels + kEnd), HasSubstr("at most 16384 a side and 100000000"));
}

TEST(PictureCost, AJpegHasAllItsPixels) {
  EXPECT_THAT(refusal(kTables + kFrame + kScan + kEnd), HasSubstr("damaged JPEG: premature end of data segment"));
  EXPECT_THAT(refusal(kTables + frame(9000, 9000) + kScan + kPixels + kEnd), HasSubstr("damaged JPEG: premature end"));
  EXPECT_THAT(refusal(kTables + kFrame + kEnd), HasSubstr("has no pixels"));
  EXPECT_THAT(refusal(kTables + bytes_of("ffc0000e080008001002011100021100") + kScan + kPixels + kEnd),
              HasSubstr("has no pixels"))
      << "the second component has no scan";
}

TEST(PictureCost, AJpegsExifEndsWithItsSegment) {
  const auto exif = bytes_of(
      "457869660000"
      "49492a0008294224");  // the list of its tags would lie 600 MB behind it
  for (const auto* size : {"0000", "0002", "0007"})
    EXPECT_THAT(refusal(kTables + bytes_of("ffe1") + bytes_of(size) + exif + kFrame + kScan + kPixels + kEnd),
                HasSubstr("is not a marker"));
  EXPECT_EQ(refusal(kTables + bytes_of("ffe10010") + exif + kFrame + kScan + kPixels + kEnd), "");
}

TEST(PictureCost, AJpegIsInHuffmansCode) {
  auto arithmetic = kFrame;
  arithmetic[1] = '\xc9';
  EXPECT_THAT(refusal(kTables + arithmetic + kScan + kPixels + kEnd), HasSubstr("arithmetic coding"));
}

TEST(PictureCost, AJpegHasFewScans) {
  std::string scans;
  for (int i = 0; i < 101; ++i) scans += kScan + kPixels;
  EXPECT_THAT(refusal(kTables + kFrame + scans + kEnd), HasSubstr("has 101 scans; at most 100"));
  std::string some;
  for (int i = 0; i < 20; ++i) some += kScan + kPixels;
  EXPECT_THAT(refusal(kTables + frame(9000, 9000) + some + kEnd), HasSubstr("and 1000000000 pixels in all of them"));
}

std::string big(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string chunk(const std::string& name, const std::string& content) {
  const auto named = name + content;
  return big(static_cast<uint32_t>(content.size())) + named +
         big(crc32({reinterpret_cast<const uint8_t*>(named.data()), named.size()}));
}

TEST(PictureCost, APngHasOneHeaderInFront) {
  const auto encoded = encode_png(Image(2, 3));
  const std::string whole(encoded.begin(), encoded.end()), mark = whole.substr(0, 8), rest = whole.substr(33);
  const auto huge = chunk("IHDR", big(16000) + big(16000) + std::string("\x08\x02\0\0\0", 5)), own = whole.substr(8, 25);
  EXPECT_EQ(refusal(mark + own + rest), "");
  EXPECT_THAT(refusal(mark + huge + own + rest), HasSubstr("damaged PNG"));
  EXPECT_THAT(refusal(mark + chunk("tEXt", "x") + own + rest), HasSubstr("damaged PNG"));
  EXPECT_THAT(refusal(mark + huge + rest), HasSubstr("16000 × 16000 pixels"));
}

struct Tag {
  int tag, type;
  uint32_t count, value;
};

std::string little(uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

/// A TIFF whose pixels, 4 bytes, lie in bytes 8 to 11.
std::string tiff(const std::vector<Tag>& tags) {
  std::string bytes = std::string("II*\0", 4) + little(12, 4) + "abcd" + little(static_cast<uint32_t>(tags.size()), 2);
  for (const auto& [tag, type, count, value] : tags)
    bytes += little(static_cast<uint32_t>(tag), 2) + little(static_cast<uint32_t>(type), 2) + little(count, 4) + little(value, 4);
  return bytes + little(0, 4);
}

/// A gray picture of 2 × 2 pixels, with some tags more or otherwise.
std::string changed_tiff(const std::vector<Tag>& changes) {
  std::vector<Tag> tags = {{256, 3, 1, 2}, {257, 3, 1, 2}, {258, 3, 1, 8}, {259, 3, 1, 1}, {262, 3, 1, 1},
                           {273, 4, 1, 8}, {277, 3, 1, 1}, {278, 3, 1, 2}, {279, 4, 1, 4}};
  for (const auto& change : changes) {
    std::erase_if(tags, [&](const Tag& tag) { return tag.tag == change.tag; });
    tags.push_back(change);
  }
  std::ranges::sort(tags, {}, &Tag::tag);
  return tiff(tags);
}

TEST(PictureCost, ATiffSaysOneThing) {
  EXPECT_EQ(decoded(changed_tiff({})).pixels, (std::vector<uint8_t>{'a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c', 'd', 'd', 'd'}));
  EXPECT_THAT(refusal(changed_tiff({{256, 9, 1, 16000}})), HasSubstr("tag 256 has the type 9"));
  EXPECT_THAT(refusal(tiff({{256, 9, 1, 16000}, {256, 3, 1, 2}})), HasSubstr("tag 256"));
  EXPECT_THAT(refusal(tiff({{256, 3, 1, 2}, {256, 3, 1, 16000}})), HasSubstr("tag 256 is listed twice"));
}

TEST(PictureCost, ATiffIsThereInParts) {
  EXPECT_THAT(refusal(changed_tiff({{257, 3, 1, 3}, {278, 3, 1, 3}})), HasSubstr("part 0 has 4 bytes and needs 6"));
  EXPECT_THAT(refusal(changed_tiff({{257, 3, 1, 16000}})), HasSubstr("its size needs 8000"));
  EXPECT_THAT(refusal(changed_tiff({{277, 3, 1, 60000}})), HasSubstr("60000 numbers a pixel"));
  EXPECT_THAT(refusal(changed_tiff({{259, 3, 1, 34925}})), HasSubstr("compression 34925 is not read"));
  EXPECT_THAT(refusal(changed_tiff({{256, 3, 1, 9000}, {257, 3, 1, 9000}, {278, 4, 1, 9000}, {259, 3, 1, 5}})),
              HasSubstr("part 0 has 4 bytes and needs"));
  EXPECT_THAT(refusal(changed_tiff({{256, 3, 1, 90}, {257, 3, 1, 90}, {278, 4, 1, 90}, {259, 3, 1, 5}})),
              HasSubstr("pixels are missing"));
  EXPECT_THAT(refusal(changed_tiff({{256, 3, 1, 9000}, {257, 3, 1, 9000}, {278, 4, 1, 9000}, {259, 3, 1, 7}})), Not(""));
  EXPECT_THAT(refusal(changed_tiff({{258, 3, 1, 1}, {256, 3, 1, 9000}, {257, 3, 1, 9000}, {278, 4, 1, 9000}, {259, 3, 1, 4}})),
              Not(""));
  EXPECT_EQ(refusal(changed_tiff({})), "") << "one that is whole, after all that were not";
}

TEST(PictureCost, ATiffTakesItsPartsMemoryToo) {
  auto bytes = changed_tiff({{256, 3, 1, 9900}, {257, 3, 1, 9900}, {278, 4, 1, 9900}, {259, 3, 1, 5}, {279, 4, 1, 40000}});
  EXPECT_THAT(refusal(bytes + std::string(40000, 'x')), HasSubstr("at most 768.0 MB are spent"));
  EXPECT_THAT(refusal(changed_tiff({{322, 4, 1, 1 << 20}, {323, 4, 1, 1 << 20}, {324, 4, 1, 8}, {325, 4, 1, 4}})), Not(""));
}

TEST(PictureCost, AWebPTakesItsDecodersMemoryToo) {
  auto bytes = bytes_of("5249464628000000574542505650384c1c0000002f0fc001000f301ef7f0bd10f7fc470bc482c9fca53b5388e87fe400");
  EXPECT_EQ(refusal(bytes), "");
  const uint32_t sizes = 8999 | 8999 << 14;
  bytes.replace(21, 4, little(sizes, 4));
  EXPECT_THAT(refusal(bytes), HasSubstr("at most 768.0 MB are spent"));
}

TEST(PictureCost, AMapsCommentEndsWithItsLine) {
  EXPECT_THAT(refusal("P6 #\r9999 9999 255\n1 1 255\nabc"), HasSubstr("truncated"));
  EXPECT_EQ(refusal("P6 #9999 9999 255\r1 1 255\nabc"), "");
}

TEST(PictureCost, FollowsTheLimits) {
  const auto own = limits();
  const auto encoded = encode_png(Image(20, 30));
  const std::string bytes(encoded.begin(), encoded.end());
  set_limits(parse_limits("picture.pixels=599"));
  EXPECT_THAT(refusal(bytes), HasSubstr("599 in all"));
  set_limits(parse_limits("picture.memory=2400"));
  EXPECT_THAT(refusal(bytes), HasSubstr("to decode; at most 2.4 kB are spent"));
  set_limits(own);
  EXPECT_EQ(refusal(bytes), "");
}

}  // namespace
}  // namespace leaf
