#pragma once

#include <cstdint>
#include <opencv2/core/utils/logger.hpp>

#include "leaf/base/vectorize.h"

// What the libraries that call OpenCV share (libleaf_codec.so, libleaf_video.so, libleaf_detectors.so).

namespace leaf {

/// OpenCV logs to the terminal; what is worth saying is said by our errors.
inline void silence_opencv() {
  static const auto once = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  static_cast<void>(once);
}

/// Red and blue exchanged, n pixels; OpenCV's own conversion would start threads.
inline constexpr Vectorized exchange_red_and_blue =
    [](const uint8_t* from, uint8_t* to, int64_t n) __attribute__((always_inline)) {
  for (int64_t i = 0; i < n; ++i, from += 3, to += 3) {
    const uint8_t first = from[0];  // the two may be one place
    to[0] = from[2];
    to[1] = from[1];
    to[2] = first;
  }
};

}  // namespace leaf
