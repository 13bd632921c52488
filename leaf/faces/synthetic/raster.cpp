#include "leaf/faces/synthetic/raster.h"

#include <cmath>
#include <numbers>

#include "leaf/faces/synthetic/coverage.h"

namespace leaf::synthetic {

Tint Tint::operator*(double factor) const {
  const auto f = static_cast<float>(factor);
  return {red * f, green * f, blue * f};
}

Tint mix(Tint from, Tint to, double share) {
  const auto s = static_cast<float>(share);
  return {from.red + s * (to.red - from.red), from.green + s * (to.green - from.green), from.blue + s * (to.blue - from.blue)};
}

Point mix(Point from, Point to, double share) { return from + (to - from) * share; }

Mask clip(Mask mask, const Mask& by) {
  for (int64_t y = 0; y < mask.height; ++y) {
    for (int64_t x = 0; x < mask.width; ++x) {
      const int64_t row = mask.top + y - by.top, column = mask.left + x - by.left;
      const bool inside = row >= 0 && row < by.height && column >= 0 && column < by.width;
      mask.coverage[y * mask.width + x] *= inside ? by.coverage[row * by.width + column] : 0;
    }
  }
  return mask;
}

namespace {

void add_segment(Path& path, Point before, Point from, Point to, Point after, int steps) {
  for (int i = 0; i < steps; ++i) {
    const double t = static_cast<double>(i) / steps, t2 = t * t, t3 = t2 * t;
    path.push_back((from * 2 + (to - before) * t + (before * 2 - from * 5 + to * 4 - after) * t2 +
                    (from * 3 - before - to * 3 + after) * t3) *
                   0.5);
  }
}

}  // namespace

Path curve(const Path& points, int steps) {
  Path path;
  const size_t last = points.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    add_segment(path, points[i == 0 ? 0 : i - 1], points[i], points[i + 1], points[std::min(i + 2, last)], steps);
  }
  path.push_back(points[last]);
  return path;
}

Path closed_curve(const Path& points, int steps) {
  Path path;
  const size_t n = points.size();
  for (size_t i = 0; i < n; ++i) {
    add_segment(path, points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n], steps);
  }
  return path;
}

Path stroke(const Path& line, double start, double middle, double end) {
  const size_t n = line.size();
  Path path(2 * n);
  for (size_t i = 0; i < n; ++i) {
    const Point along = line[std::min(i + 1, n - 1)] - line[i == 0 ? 0 : i - 1];
    const double length = std::max(std::sqrt(along.x * along.x + along.y * along.y), 1e-9);
    const double t = n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) : 0;
    const double half = t < 0.5 ? start + (middle - start) * 2 * t : middle + (end - middle) * (2 * t - 1);
    const Point normal = Point{-along.y, along.x} * (half / length);
    path[i] = line[i] + normal;
    path[2 * n - 1 - i] = line[i] - normal;
  }
  return path;
}

Path ellipse(Point center, Point a, Point b, int points) {
  Path path(points);
  for (int i = 0; i < points; ++i) {
    const double angle = 2 * std::numbers::pi * i / points;
    path[i] = center + a * std::cos(angle) + b * std::sin(angle);
  }
  return path;
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
