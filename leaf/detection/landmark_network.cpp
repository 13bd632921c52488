#include "leaf/detection/landmark_network.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <cmath>

#include "leaf/detection/package_weights.h"
#include "leaf/model/backbone.h"
#include "leaf/views/normalize.h"

namespace leaf {
namespace {

constexpr int64_t kSize = 112;   ///< of its input, pixels
constexpr double kLeaning = 10;  ///< degrees; a face that leans more is looked at again

}  // namespace

/// The extractor of the expression network, and 136 numbers: x and y of each point as shares of the input.
struct LandmarkNetwork::Network : torch::nn::Module {
  Network()
      : extractor(backbones().at("face_expression").make("")), points(torch::nn::Linear(extractor->width(), 2 * kLandmarks)) {
    for (const auto& part : extractor->named_children()) register_module(part.key(), part.value());
    register_module("fc", points);
  }

  std::shared_ptr<Backbone> extractor;
  torch::nn::Linear points{nullptr};
};

LandmarkNetwork::LandmarkNetwork(const std::filesystem::path& folder) : network_(std::make_unique<Network>()) {
  load_package_weights(*network_, folder, "face_landmark_68_model");
  network_->extractor->eval();
}

LandmarkNetwork::~LandmarkNetwork() = default;

Landmarks LandmarkNetwork::find(const Image& photo, const Rectangle& box) const {
  FaceSquare square{{box.left + box.width / 2, box.top + box.height / 2}, std::max({box.width, box.height, 1.0}), 0};
  auto landmarks = look(photo, square);
  square.angle = face_square({box, 1, landmarks}, 0).angle;
  return std::abs(square.angle) > kLeaning ? look(photo, square) : landmarks;
}

Landmarks LandmarkNetwork::look(const Image& photo, const FaceSquare& square) const {
  const torch::NoGradGuard no_gradient;
  auto view = torch::empty({1, 3, kSize, kSize}, torch::TensorOptions(), torch::MemoryFormat::ChannelsLast);
  write_normalized(cut_out(photo, square, kSize), view.data_ptr<float>());
  Pass pass;
  pass.fused = true;
  const auto map = network_->extractor->forward(view, pass);
  const auto shares = network_->points(torch::adaptive_avg_pool2d(map, {1, 1}).flatten(1)).contiguous();
  Landmarks landmarks(kLandmarks);
  const float* numbers = shares.data_ptr<float>();
  for (auto& point : landmarks) {
    const auto offset = [&](float share) { return std::clamp<double>(share, -1, 2) - 0.5; };
    point = place_in(square, {offset(numbers[0]), offset(numbers[1])});
    numbers += 2;
  }
  return landmarks;
}

}  // namespace leaf
