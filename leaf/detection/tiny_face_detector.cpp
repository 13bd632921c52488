#include "leaf/detection/tiny_face_detector.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/max_pool2d.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "leaf/base/error.h"
#include "leaf/detection/package_weights.h"
#include "leaf/model/separable_convolution.h"

// tiny_face_detector of @vladmandic/face-api (MIT): a TinyYOLOv2 of separable convolutions, 193,000 parameters.

namespace leaf {
namespace {

using torch::Tensor;
using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;

constexpr double kLeaky = 0.1, kLinear = 1;  ///< slopes of the rectifier
constexpr int64_t kStride = 32;              ///< pixels of a cell
constexpr int64_t kLargest = 4096;           ///< pixels; 2 GB
constexpr double kDoubled = 0.4;             ///< boxes that cover one another by more mean the same face
constexpr std::array<float, 3> kMean = {117.001F, 114.697F, 97.404F};
/// Width and height of a box before the network changes it, in cells.
constexpr std::array<std::array<double, 2>, 5> kAnchors = {
    {{1.603231, 2.094468}, {6.041143, 7.080126}, {2.882459, 3.518061}, {4.266906, 5.178857}, {9.041765, 10.66308}}};
constexpr int64_t kNumbers = 5;  ///< of an anchor in a cell: x, y, width, height, score

/// Pictures [n, 3, S, S] -> [n, 25, S/32, S/32]. The first convolution has no padding.
class Network : public torch::nn::Module {
 public:
  Network() {
    first_ = register_module("conv0", Conv2d(Conv2dOptions(3, 16, 3)));
    for (int64_t i = 1; i <= 5; ++i) {
      layers_.push_back(register_module(fmt::format("conv{}", i), std::make_shared<SeparableConvolution>(8 << i, 16 << i, 1)));
    }
    last_ = register_module("conv8", Conv2d(Conv2dOptions(512, std::ssize(kAnchors) * kNumbers, 1)));
  }

  Tensor forward(const Tensor& pictures) {
    Pass pass;
    pass.fused = pictures.is_cpu();
    auto x = pool(convolve(first_, pictures, pass, kLeaky));
    for (auto& layer : layers_) {
      x = layer->forward(x, pass, kLeaky);
      x = layer == layers_.back() ? pool_in_place(x) : pool(x);
    }
    return convolve(last_, x, pass, kLinear);
  }

 private:
  /// The largest of 2×2 pixels, every second one in both directions; an odd last one stands alone (TensorFlow's "same").
  static Tensor pool(const Tensor& x) { return at::max_pool2d(x, 2, 2, 0, 1, /*ceil_mode=*/true); }

  /// The largest of 2×2 pixels around each pixel and the next ones; beyond the picture there is none.
  static Tensor pool_in_place(const Tensor& x) {
    return at::max_pool2d(at::constant_pad_nd(x, {0, 1, 0, 1}, -std::numeric_limits<float>::infinity()), 2, 1);
  }

  Conv2d first_{nullptr}, last_{nullptr};
  std::vector<std::shared_ptr<SeparableConvolution>> layers_;
};

/// Two pixels of a line and the second one's share; where the line has ended they are black.
struct Tap {
  int64_t low = 0, high = 0;
  float share = 0, inside = 0;
  Tap() = default;
  Tap(double at, int64_t length)
      : low(std::min(static_cast<int64_t>(at), length - 1)),
        high(std::min(low + 1, length - 1)),
        share(static_cast<float>(at - std::floor(at))),
        inside(at < static_cast<double>(length) ? 1 : 0) {}
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

class TinyFaceDetector : public FaceDetector {
 public:
  TinyFaceDetector(const std::filesystem::path& folder, const DetectorOptions& options)
      : options_(options), network_(std::make_shared<Network>()) {
    for (const int64_t size : options.sizes) {
      if (size < kStride || size > kLargest || size % kStride != 0)
        fail_usage("a photo is looked at in multiples of {} pixels up to {}, found {}", kStride, kLargest, size);
    }
    load_package_weights(*network_, folder, "tiny_face_detector_model");
  }

  std::string name() const override { return fmt::format("tiny_face_detector, {} pixels", fmt::join(options_.sizes, " and ")); }

  std::vector<Face> detect(const Image& photo) const override {
    const torch::NoGradGuard no_gradient;
    std::vector<Face> faces;
    for (const int64_t size : options_.sizes) look(photo, size, faces);
    return without_doubles(std::move(faces), kDoubled);
  }

 private:
  void look(const Image& photo, int64_t size, std::vector<Face>& faces) const {
    const int64_t side = size / kStride;
    const double scale = static_cast<double>(std::max(photo.height, photo.width)) / static_cast<double>(side);
    const auto cells = network_->forward(input(photo, size)).squeeze(0).permute({1, 2, 0}).contiguous();  // [rows, columns, 25]
    const float* numbers = cells.data_ptr<float>();
    for (int64_t cell = 0; cell < side * side; ++cell) {
      for (const auto& anchor : kAnchors) {
        if (const double score = sigmoid(numbers[4]); score > options_.threshold) {
          const double width = anchor[0] * std::exp(numbers[2]) * scale, height = anchor[1] * std::exp(numbers[3]) * scale;
          const double x = (static_cast<double>(cell % side) + sigmoid(numbers[0])) * scale;
          const double y = (static_cast<double>(cell / side) + sigmoid(numbers[1])) * scale;
          faces.push_back({{x - width / 2, y - height / 2, width, height}, score, {}});
        }
        numbers += kNumbers;
      }
    }
  }

  /// The photo with its longer side as long as the input, in the input's left upper corner; the rest is black. Bilinear as
  /// TensorFlow has it without half pixels, which the network is used to: other ways move boxes by some pixels. [1, 3, S, S]
  static Tensor input(const Image& photo, int64_t size) {
    const double step = static_cast<double>(std::max(photo.height, photo.width)) / static_cast<double>(size);
    auto pictures = torch::empty({1, 3, size, size}, torch::TensorOptions(), torch::MemoryFormat::ChannelsLast);
    std::vector<Tap> across(size);
    for (int64_t x = 0; x < size; ++x) across[x] = Tap(static_cast<double>(x) * step, photo.width);
    float* to = pictures.data_ptr<float>();
    for (int64_t y = 0; y < size; ++y) {
      const Tap down(static_cast<double>(y) * step, photo.height);
      const uint8_t *upper = photo.row(down.low), *lower = photo.row(down.high);
      for (int64_t x = 0; x < size; ++x, to += 3) {
        const auto& tap = across[x];
        const float inside = down.inside * tap.inside;
        for (int64_t c = 0; c < 3; ++c) {
          const auto mix = [&](const uint8_t* row) {
            const auto left = static_cast<float>(row[tap.low * 3 + c]), right = static_cast<float>(row[tap.high * 3 + c]);
            return left + (right - left) * tap.share;
          };
          const float above = mix(upper), below = mix(lower);
          to[c] = ((above + (below - above) * down.share) * inside - kMean[c]) / 255;
        }
      }
    }
    return pictures;
  }

  const DetectorOptions options_;
  const std::shared_ptr<Network> network_;
};

}  // namespace

std::unique_ptr<FaceDetector> make_tiny_face_detector(const std::filesystem::path& folder, const DetectorOptions& options) {
  return std::make_unique<TinyFaceDetector>(folder, options);
}

}  // namespace leaf
