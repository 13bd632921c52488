#include "leaf/base/limits.h"
#include "leaf/pictures/codec.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/repair.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto image = decode_image(input);
  const bool sound = image.height > 0 && image.width > 0 && image.height * image.width <= limits().picture.pixels &&
                     std::ssize(image.pixels) == image.height * image.width * 3;
  expect(sound, "a picture has its pixels");
}

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string little(uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

/// 2 × 2 pixels, gray where `samples` is 1, and in that form of compression.
std::string tiff(uint32_t samples, uint32_t compression, const std::string& pixels) {
  const uint32_t tags[][4] = {{256, 3, 1, 2},
                              {257, 3, 1, 2},
                              {258, 3, 1, 8},
                              {259, 3, 1, compression},
                              {262, 3, 1, samples == 1 ? 1u : 2u},
                              {273, 4, 1, 8},
                              {274, 3, 1, 6},
                              {277, 3, 1, samples},
                              {278, 3, 1, 2},
                              {279, 4, 1, static_cast<uint32_t>(pixels.size())}};
  auto bytes = std::string("II*\0", 4) + little(8 + static_cast<uint32_t>(pixels.size()), 4) + pixels + little(10, 2);
  for (const auto& [tag, type, count, value] : tags)
    bytes += little(tag, 2) + little(type, 2) + little(count, 4) + little(value, 4);
  return bytes + little(0, 4);
}

/// 2 × 2 pixels of `bits` bits, without compression and without colors of a palette.
std::string bmp(uint32_t bits) {
  const uint32_t row = (2 * bits + 31) / 32 * 4, colors = bits <= 8 ? 1u << bits : 0;
  std::string bytes = "BM" + little(54 + 4 * colors + 2 * row, 4) + little(0, 4) + little(54 + 4 * colors, 4) + little(40, 4) +
                      little(2, 4) + little(2, 4) + little(1, 2) + little(bits, 2) + little(0, 4) + little(2 * row, 4) +
                      little(0, 4) + little(0, 4) + little(colors, 4) + little(0, 4);
  for (uint32_t i = 0; i < colors; ++i) bytes += little(i * 0x010101, 4);
  return bytes + std::string(2 * row, '\1');
}

std::vector<std::string> seeds() {
  std::vector<std::string> result;
  for (const auto& [height, width] : {std::pair{1, 1}, {3, 5}, {20, 30}}) {
    const auto encoded = encode_png(Image(height, width, {10, 200, 30}));
    result.emplace_back(encoded.begin(), encoded.end());
  }
  // A PNG of one gray pixel with a palette's, a time's and a text's chunk, and one of 16 bits in Adam7's order.
  result.push_back(
      bytes_of("89504e470d0a1a0a0000000d49484452000000010000000108030000000000000000000003504c54450a0b0c00000000"
               "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"));
  const auto tables = bytes_of(
      "ffd8ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e292d2c333a4a3e333646372c2d405741464c4e52535232"
      "3e"
      "5a615a50604a51524fffc40014000100000000000000000000000000000005ffc40014100100000000000000000000000000000000");
  const auto scan = bytes_of("ffda0008010100003f00184b"), end = bytes_of("ffd9");
  result.push_back(tables + bytes_of("ffc0000b080008001001011100") + scan + end);
  result.push_back(tables + bytes_of("ffc2000b080008001001011100") + bytes_of("ffda0008010100000000184b") + scan + end);
  result.push_back(tables + bytes_of("ffe1002245786966000049492a0008000000010012010300010000000600000000000000") +
                   bytes_of("ffc0000b080008001001011100") + scan + end);
  result.push_back(bytes_of(
      "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e292d2c333a"
      "4a3e"
      "333646372c2d405741464c4e525352323e5a615a50604a51524fffdb0043010e0e0e131113261515264f352d354f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f"
      "4f4f"
      "4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4fffc00011080008001003011100021101031101ffc400140001000000000000"
      "00000000000000000005ffc40014100100000000000000000000000000000000ffc400160101010100000000000000000000000000060507ffc4001411"
      "0100000000000000000000000000000000ffda000c03010002110311003f001934d84b48007fffd9"));
  result.push_back(bytes_of("5249464628000000574542505650384c1c0000002f0fc001000f301ef7f0bd10f7fc470bc482c9fca53b5388e87fe400"));
  result.push_back(tiff(1, 1, "abcd"));
  result.push_back(tiff(3, 1, "abcdefghijkl"));
  result.push_back(tiff(1, 32773, bytes_of("0361626364")));
  result.push_back(tiff(1, 5, bytes_of("80184c4608080200")));
  for (const uint32_t bits : {1u, 4u, 8u, 16u, 24u, 32u}) result.push_back(bmp(bits));
  for (const auto* map : {"P5 2 2 255\nabcd", "P6 1 2 255\nabcdef", "P2 2 1 15\n3 4\n", "P3 1 1 255 1 2 3", "P4 8 1\n\x55",
                          "P1 2 2 1 0 0 1", "P5 # comment\n1 1 65535\nab"})
    result.emplace_back(map);
  return result;
}

void repair(std::string& input) {
  if (input.starts_with("\x89PNG")) repair_png(input);
}

}  // namespace

const Target target = {take, seeds, repair};

}  // namespace leaf::fuzz
