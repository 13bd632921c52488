#include "leaf/data/normalize.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace leaf {
namespace {

constexpr std::array<double, 3> kMean = {0.485, 0.456, 0.406};  // ImageNet's, of red, green, blue in [0, 1]
constexpr std::array<double, 3> kDeviation = {0.229, 0.224, 0.225};

/// For each channel the normalized value of every byte.
const std::array<std::array<float, 256>, 3>& normalization() {
  static const auto kTable = [] {
    std::array<std::array<float, 256>, 3> table{};
    for (int c = 0; c < 3; ++c) {
      for (int v = 0; v < 256; ++v) {  // float arithmetic, as torchvision's ToTensor and Normalize do it
        table[c][v] = (static_cast<float>(v) / 255.0f - static_cast<float>(kMean[c])) / static_cast<float>(kDeviation[c]);
      }
    }
    return table;
  }();
  return kTable;
}

}  // namespace

double largest_normalized() {
  double largest = 0;
  for (const auto& channel : normalization()) largest = std::max({largest, std::abs(static_cast<double>(channel.front())), std::abs(static_cast<double>(channel.back()))});
  return largest;
}

void write_normalized(const Image& view, float* destination) {
  const auto& table = normalization();
  const uint8_t* pixel = view.pixels.data();
  for (int64_t i = 0; i < view.height * view.width; ++i, pixel += 3, destination += 3) {
    for (int64_t c = 0; c < 3; ++c) destination[c] = table[c][pixel[c]];
  }
}

}  // namespace leaf
