#include "leaf/faces/synthetic/raster.h"

#include <cmath>

namespace leaf::synthetic {

Tint Tint::operator*(double factor) const {
  const auto f = static_cast<float>(factor);
  return {red * f, green * f, blue * f};
}

Tint mix(Tint from, Tint to, double share) {
  const auto s = static_cast<float>(share);
  return {from.red + s * (to.red - from.red), from.green + s * (to.green - from.green), from.blue + s * (to.blue - from.blue)};
}

Raster::Raster(int64_t size) : size_(size), values_(size * size * 3) {}

Mask Raster::cover(const Path& path) const { return coverage(path, size_); }

void Raster::fill(const Mask& mask, Tint color, double opacity) {
  for (int64_t y = 0; y < mask.height; ++y) {
    float* value = pixel(mask.left, mask.top + y);
    for (int64_t x = 0; x < mask.width; ++x, value += 3) {
      const float share = mask.coverage[y * mask.width + x] * static_cast<float>(opacity);
      value[0] += share * (color.red - value[0]);
      value[1] += share * (color.green - value[1]);
      value[2] += share * (color.blue - value[2]);
    }
  }
}

void Raster::spot(Point center, Point a, Point b, Tint factor) {
  const double determinant = a.x * b.y - a.y * b.x;
  if (std::abs(determinant) < 1e-9) return;
  const double reach_x = std::sqrt(a.x * a.x + b.x * b.x), reach_y = std::sqrt(a.y * a.y + b.y * b.y);
  const auto edge = [this](double at) { return static_cast<int64_t>(std::clamp<double>(at, 0, static_cast<double>(size_))); };
  for (int64_t y = edge(center.y - reach_y); y < edge(center.y + reach_y + 1); ++y) {
    for (int64_t x = edge(center.x - reach_x); x < edge(center.x + reach_x + 1); ++x) {
      const double dx = x + 0.5 - center.x, dy = y + 0.5 - center.y;
      const double u = (dx * b.y - dy * b.x) / determinant, v = (dy * a.x - dx * a.y) / determinant;
      const double inside = 1 - u * u - v * v;
      if (inside <= 0) continue;
      const auto share = static_cast<float>(inside * inside);
      float* value = pixel(x, y);
      value[0] *= 1 + share * (factor.red - 1);
      value[1] *= 1 + share * (factor.green - 1);
      value[2] *= 1 + share * (factor.blue - 1);
    }
  }
}

void Raster::blur(double deviation) {
  if (deviation < 0.05) return;
  const auto radius = static_cast<int64_t>(std::ceil(2.5 * deviation));
  std::vector<float> weights(2 * radius + 1);
  float total = 0;
  for (int64_t i = -radius; i <= radius; ++i) {
    total += weights[i + radius] = static_cast<float>(std::exp(-0.5 * (i * i) / (deviation * deviation)));
  }
  for (float& weight : weights) weight /= total;
  std::vector<float> line(size_ * 3);
  const auto convolve = [&](float* first, int64_t step) {
    for (int64_t i = 0; i < size_; ++i) std::copy_n(first + i * step, 3, line.data() + i * 3);
    for (int64_t i = 0; i < size_; ++i) {
      float sum[3] = {0, 0, 0};
      for (int64_t k = -radius; k <= radius; ++k) {
        const float* source = line.data() + std::clamp<int64_t>(i + k, 0, size_ - 1) * 3;
        for (int c = 0; c < 3; ++c) sum[c] += weights[k + radius] * source[c];
      }
      std::copy_n(sum, 3, first + i * step);
    }
  };
  for (int64_t y = 0; y < size_; ++y) convolve(pixel(0, y), 3);
  for (int64_t x = 0; x < size_; ++x) convolve(pixel(x, 0), 3 * size_);
}

Image Raster::image() const {
  Image image(size_, size_);
  for (size_t i = 0; i < values_.size(); ++i) {
    image.pixels[i] = static_cast<uint8_t>(std::clamp(values_[i], 0.0f, 1.0f) * 255 + 0.5f);
  }
  return image;
}

}  // namespace leaf::synthetic
