#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace leaf {

/// A convolution's sizes: what the code that oneDNN makes for it depends on.
struct Shape {
  std::vector<int64_t> images, weight, weight_strides;  ///< [n, in, H, W], [out, in, k, k] and how the latter lies in memory
  bool bias;
  int64_t stride, padding;
  torch::ScalarType type;

  /// Whether the weights lie as [out, k, k, in].
  bool has_channels_last_weights() const {
    const auto &w = weight, &s = weight_strides;
    return s[0] == w[1] * w[2] * w[3] && s[1] == 1 && (w[2] == 1 || s[2] == w[3] * w[1]) && (w[3] == 1 || s[3] == w[1]);
  }

  /// [n, out, h, w]
  std::vector<int64_t> output() const {
    const auto size = [&](int i) { return (images[i] + 2 * padding - weight[i]) / stride + 1; };
    return {images[0], weight[0], size(2), size(3)};
  }

  Shape in_float32() const {
    auto result = *this;
    result.type = torch::kFloat32;
    return result;
  }

  auto operator<=>(const Shape&) const = default;
};

}  // namespace leaf
