#include "leaf/views/normalize.h"

#include <gtest/gtest.h>

#include <vector>

namespace leaf {
namespace {

TEST(WriteNormalized, DividesAsTorchvisionDoes) {  // to the last bit, every byte of every channel
  const float mean[] = {0.485f, 0.456f, 0.406f}, deviation[] = {0.229f, 0.224f, 0.225f};
  Image view(16, 16);
  for (size_t i = 0; i < view.pixels.size(); ++i) view.pixels[i] = static_cast<uint8_t>(i / 3);
  std::vector<float> values(view.pixels.size());
  write_normalized(view, values.data());
  for (size_t i = 0; i < values.size(); ++i) {
    const float scaled = static_cast<float>(view.pixels[i]) / 255.0f;
    const float shifted = scaled - mean[i % 3];
    ASSERT_EQ(values[i], shifted / deviation[i % 3]) << "byte " << i / 3 << " of channel " << i % 3;
  }
}

}  // namespace
}  // namespace leaf
