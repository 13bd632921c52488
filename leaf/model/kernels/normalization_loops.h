#pragma once

#include <algorithm>
#include <cstdint>

#include "leaf/base/vectorize.h"

// The loops of batch normalization, for float and Bfloat16. For normalization.cpp alone, which is compiled to run fast.

namespace leaf::normalization {

// Images in channels-last order are rows of C numbers, one row a pixel. What follows works on ranges of rows.

constexpr int64_t kChunk = 256;  ///< rows that are summed in float32 before the sums become double
constexpr int64_t kLanes = 32;   ///< channels that are summed together, in registers
/// Adds to `sums` Σ x and Σ x² of rows [begin, end).
inline constexpr Vectorized add_moments =
    []<typename T>(const T* x, int64_t begin, int64_t end, int64_t channels, double* sums) __attribute__((always_inline)) {
  for (int64_t first = 0; first < channels; first += kLanes) {
    const int64_t lanes = std::min(kLanes, channels - first);
    for (int64_t chunk = begin; chunk < end; chunk += kChunk) {
      float sum[kLanes] = {}, square[kLanes] = {};
      const int64_t last = std::min(chunk + kChunk, end);
      const auto add_row = [&](int64_t row, int64_t count) __attribute__((always_inline)) {
        const T* from = x + row * channels + first;
        for (int64_t c = 0; c < count; ++c) {
          const float value = static_cast<float>(from[c]);
          sum[c] += value;
          square[c] += value * value;
        }
      };
      if (lanes == kLanes) {
        for (int64_t row = chunk; row < last; ++row) add_row(row, kLanes);
      } else {
        for (int64_t row = chunk; row < last; ++row) add_row(row, lanes);
      }
      for (int64_t c = 0; c < lanes; ++c) {
        sums[first + c] += sum[c];
        sums[channels + first + c] += square[c];
      }
    }
  }
};

/// y = rectifier(x · scale + shift + added) for rows [begin, end).
inline constexpr Vectorized apply =
    []<typename T>(const T* x, const T* added, const float* scale, const float* shift, float slope, int64_t begin, int64_t end,
                   int64_t channels, T* y) __attribute__((always_inline)) {
  for (int64_t row = begin; row < end; ++row) {
    const T* from = x + row * channels;
    T* to = y + row * channels;
    if (added != nullptr) {
      const T* more = added + row * channels;
      for (int64_t c = 0; c < channels; ++c) {
        const float value = static_cast<float>(from[c]) * scale[c] + shift[c] + static_cast<float>(more[c]);
        to[c] = T(value > 0 ? value : value * slope);
      }
    } else {
      for (int64_t c = 0; c < channels; ++c) {
        const float value = static_cast<float>(from[c]) * scale[c] + shift[c];
        to[c] = T(value > 0 ? value : value * slope);
      }
    }
  }
};

/// What the backward pass reads of a normalization without a shortcut: the rectifier is at its slope where x · scale + shift,
/// which is y, is not positive.
struct OwnSign {
  const float* scale;
  const float* shift;
  float slope;

  template <typename T>
  [[gnu::always_inline]] float behind(T gradient, T x, T /*y*/, int64_t c) const {
    return static_cast<float>(gradient) * (static_cast<float>(x) * scale[c] + shift[c] > 0 ? 1.0F : slope);
  }
};

/// The same with a shortcut: y has to be read.
struct ReadSign {
  float slope;

  template <typename T>
  [[gnu::always_inline]] float behind(T gradient, T /*x*/, T y, int64_t /*c*/) const {
    return static_cast<float>(gradient) * (static_cast<float>(y) > 0 ? 1.0F : slope);
  }
};

/// With g, the gradient behind the rectifier, adds to `sums` Σ g and Σ g · x of rows [begin, end); writes g to `behind` unless
/// that is null.
inline constexpr Vectorized add_gradient_moments =
    []<typename T, typename Sign>(const T* gradient, const T* x, const T* y, Sign sign, int64_t begin, int64_t end,
                                  int64_t channels, double* sums, T* behind) __attribute__((always_inline)) {
  for (int64_t first = 0; first < channels; first += kLanes) {
    const int64_t lanes = std::min(kLanes, channels - first);
    for (int64_t chunk = begin; chunk < end; chunk += kChunk) {
      float sum[kLanes] = {}, product[kLanes] = {};
      const int64_t last = std::min(chunk + kChunk, end);
      const auto add_row = [&](int64_t row, int64_t count) __attribute__((always_inline)) {
        const int64_t at = row * channels + first;
        for (int64_t c = 0; c < count; ++c) {
          const float g = sign.behind(gradient[at + c], x[at + c], y[at + c], first + c);
          sum[c] += g;
          product[c] += g * static_cast<float>(x[at + c]);
          if (behind != nullptr) behind[at + c] = T(g);
        }
      };
      if (lanes == kLanes) {
        for (int64_t row = chunk; row < last; ++row) add_row(row, kLanes);
      } else {
        for (int64_t row = chunk; row < last; ++row) add_row(row, lanes);
      }
      for (int64_t c = 0; c < lanes; ++c) {
        sums[first + c] += sum[c];
        sums[channels + first + c] += product[c];
      }
    }
  }
};

/// The gradient of x for rows [begin, end): g · a + x · b + c0, each factor one a channel.
inline constexpr Vectorized apply_gradient =
    []<typename T, typename Sign>(const T* gradient, const T* x, Sign sign, const float* a, const float* b, const float* c0,
                                  int64_t begin, int64_t end, int64_t channels, T* result) __attribute__((always_inline)) {
  for (int64_t row = begin; row < end; ++row) {
    const int64_t at = row * channels;
    for (int64_t c = 0; c < channels; ++c) {
      const float g = sign.behind(gradient[at + c], x[at + c], x[at + c], c);
      result[at + c] = T(g * a[c] + static_cast<float>(x[at + c]) * b[c] + c0[c]);
    }
  }
};

}  // namespace leaf::normalization
