#include "leaf/pictures/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

/// 16 × 8 pixels, left half red (220, 30, 30), right half blue (30, 30, 220).
Bytes jpeg() {
  return from_hex(
      "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e292d2c333a"
      "4a3e"
      "333646372c2d405741464c4e525352323e5a615a50604a51524fffdb0043010e0e0e131113261515264f352d354f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f"
      "4f4f"
      "4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4fffc00011080008001003011100021101031101ffc40014000100000000"
      "0000"
      "00000000000000000005ffc40014100100000000000000000000000000000000ffc400160101010100000000000000000000000000060507ffc4001411"
      "0100"
      "000000000000000000000000000000ffda000c03010002110311003f001934d84b48007fffd9");
}

Bytes gray_jpeg() {
  return from_hex(
      "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e292d2c333a"
      "4a"
      "3e333646372c2d405741464c4e525352323e5a615a50604a51524fffc0000b080008001001011100ffc400140001000000000000000000000000000000"
      "05"
      "ffc40014100100000000000000000000000000000000ffda0008010100003f00184bffd9");
}

Bytes webp() {
  return from_hex("5249464628000000574542505650384c1c0000002f0fc001000f301ef7f0bd10f7fc470bc482c9fca53b5388e87fe400");
}

/// The JPEG with EXIF data that state the orientation.
Bytes turned_jpeg(uint8_t orientation) {
  auto bytes = jpeg();
  auto exif = from_hex(
      "ffe10022457869660000"
      "4d4d002a00000008"
      "0001"
      "0112000300000001"
      "00010000"
      "00000000");
  exif[exif.size() - 7] = orientation;
  bytes.insert(bytes.begin() + 2, exif.begin(), exif.end());
  return bytes;
}

Bytes from_text(std::string_view text) { return {text.begin(), text.end()}; }

Image random_image(int64_t height, int64_t width) {
  Image image(height, width);
  Rng rng(3);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(rng.bits());
  return image;
}

std::string error_of(const Bytes& bytes) {
  try {
    decode_image(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool red(const Image& image, int64_t y, int64_t x) { return image.row(y)[3 * x] > 190 && image.row(y)[3 * x + 2] < 60; }
bool blue(const Image& image, int64_t y, int64_t x) { return image.row(y)[3 * x] < 60 && image.row(y)[3 * x + 2] > 190; }

TEST(Codec, GivesBackThePixelsOfAPng) {
  for (const auto& [height, width] : {std::pair(1, 1), std::pair(7, 3), std::pair(40, 61)}) {
    const auto image = random_image(height, width);
    EXPECT_EQ(decode_image(encode_png(image)), image);
  }
}

TEST(Codec, ReadsColorAndGrayAsRgb) {
  for (const auto& bytes : {jpeg(), webp()}) {
    const auto image = decode_image(bytes);
    ASSERT_EQ(image.height, 8);
    ASSERT_EQ(image.width, 16);
    EXPECT_TRUE(red(image, 4, 2));
    EXPECT_TRUE(blue(image, 4, 13));
  }
  const auto gray = decode_image(gray_jpeg());
  for (int64_t i = 0; i < 16 * 8; ++i) {
    EXPECT_EQ(gray.pixels[3 * i], gray.pixels[3 * i + 1]);
    EXPECT_EQ(gray.pixels[3 * i], gray.pixels[3 * i + 2]);
  }
}

/// One row of (200, 100, 0), or of gray 200: opaque, a fifth of it, not at all.
TEST(Codec, LaysWhatIsTransparentOverGray) {
  const std::string header = "89504e470d0a1a0a0000000d494844520000000300000001", end = "0000000049454e44ae426082";
  const auto row = [&](const std::string& rest) { return decode_image(from_hex(header + rest + end)).pixels; };
  const std::vector<uint8_t> expected = {200, 100, 0, 142, 122, 102, 128, 128, 128};
  EXPECT_EQ(row("08060000001be014b4000000124944415478da633891c2f01f888d8198010024f704b7fae6cd34"), expected);  // RGBA
  EXPECT_EQ(row("10060000004b70c8f7000000184944415478da63387122258581e1ff7f086d6c0ca11918008f0b096d7656dca2"), expected)
      << "16 bits";
  EXPECT_EQ(row("08030000002c3ee48600000009504c5445c86400c86400c86400dbf9c2de0000000374524e53ff3300b08595030000000c4944415478da63"
                "606064020000080004081d630a"),
            expected)
      << "palette";
  EXPECT_EQ(row("0804000000b1e9dc3f0000000f4944415478da6338f1ff84f10906000efb038bcad24585"),
            (std::vector<uint8_t>{200, 200, 200, 142, 142, 142, 128, 128, 128}))
      << "gray and alpha";
  EXPECT_EQ(row("0802000000948283e30000000674524e5300090009000915bbe6cb000000124944415478da633891c2702285919393130011100275fc3a95"
                "8a"),
            (std::vector<uint8_t>{200, 100, 0, 200, 100, 1, 128, 128, 128}))
      << "one color means transparency";
}

TEST(Codec, StandsThePictureUpright) {
  const auto turned = [](uint8_t orientation) { return decode_image(turned_jpeg(orientation)); };
  EXPECT_EQ(turned(1), decode_image(jpeg()));
  EXPECT_EQ(turned(9), decode_image(jpeg())) << "an orientation that does not exist is none";
  for (const uint8_t orientation : {2, 3}) EXPECT_TRUE(blue(turned(orientation), 4, 2) && red(turned(orientation), 4, 13));
  EXPECT_TRUE(red(turned(4), 4, 2));
  for (const uint8_t orientation : {5, 6, 7, 8}) {
    const auto image = turned(orientation);
    EXPECT_EQ(image.height, 16);
    EXPECT_EQ(image.width, 8);
    EXPECT_EQ(red(image, 2, 4), orientation <= 6) << int{orientation};
    EXPECT_EQ(blue(image, 2, 4), orientation > 6) << int{orientation};
  }
}

TEST(Codec, ReadsPortableMaps) {
  EXPECT_EQ(decode_image(from_text("P6 # a comment\n1 2\n255\nabcdef")).pixels, from_text("abcdef"));
  EXPECT_EQ(decode_image(from_text("P5 2 1 255\nxy")).pixels, from_text("xxxyyy"));
  EXPECT_EQ(decode_image(from_text("P5 1 1 65535\nxy")).pixels, from_text("xxx"));
  EXPECT_THAT(error_of(from_text("P5 2 1 15\nxy")), HasSubstr("values up to 15"));
}

TEST(Codec, RefusesWhatIsCutOffAnywhere) {
  for (const auto& whole : {jpeg(), gray_jpeg(), webp(), encode_png(random_image(9, 9)), from_text("P6 1 2 255\nabcdef")}) {
    for (size_t size = 1; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<int64_t>(size));
      const bool jpeg_without_end = whole[0] == 0xff && size + 2 >= whole.size();
      if (!jpeg_without_end) EXPECT_NE(error_of(part), "") << size << " of " << whole.size();
    }
  }
}

TEST(Codec, ReadsAJpegThatLacksNothingButItsEndMarker) {
  for (const auto& whole : {jpeg(), gray_jpeg()}) {
    for (const size_t cut : {1U, 2U})
      EXPECT_EQ(decode_image(std::span(whole).first(whole.size() - cut)).pixels, decode_image(whole).pixels) << cut;
  }
}

TEST(Codec, RefusesAPngWithAFlippedBit) {
  auto bytes = encode_png(random_image(9, 9));
  bytes[60] ^= 4;
  EXPECT_THAT(error_of(bytes), HasSubstr("damaged PNG: a checksum is wrong"));
}

TEST(Codec, RefusesHugePicturesByTheirHeader) {
  EXPECT_THAT(error_of(from_text("P6 16777216 1 255\n")), HasSubstr("truncated"));
  auto bytes = jpeg();
  bytes[163] = 0xff;  // the height, which is 8
  EXPECT_THAT(error_of(bytes), HasSubstr("16 × 65288 pixels; at most 16384 a side"));
}

TEST(Codec, RefusesWhatIsNoPicture) {
  EXPECT_EQ(error_of({}), "expected a picture, found an empty file");
  EXPECT_THAT(error_of(from_text("label,path\n")), StartsWith("expected a JPEG, PNG"));
  EXPECT_THAT(error_of(from_text("GIF89a..........")), StartsWith("expected a JPEG, PNG"));
}

TEST(Codec, NamesTheFile) {
  const TemporaryFolder folder;
  write_file(folder / "a.jpg", std::string_view("no picture"));
  try {
    read_image(folder / "a.jpg");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a.jpg: expected a JPEG"));
  }
  const auto image = random_image(5, 6);
  write_png(folder / "b.png", image);
  EXPECT_EQ(read_image(folder / "b.png"), image);
  EXPECT_THROW(write_png(folder / "none" / "b.png", image), Error);
}

TEST(Codec, KnowsPicturesByTheirNames) {
  EXPECT_TRUE(is_image_name("a/b.JPG"));
  EXPECT_TRUE(is_image_name("b.tiff"));
  EXPECT_FALSE(is_image_name("b.gif"));
  EXPECT_FALSE(is_image_name("png"));
}

}  // namespace
}  // namespace leaf
