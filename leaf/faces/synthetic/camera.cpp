#include <cmath>

#include "leaf/faces/synthetic/drawing.h"

namespace leaf::synthetic {
namespace {

/// Three numbers with deviation 1 and a triangular distribution from one draw; a normal one costs ten times as much.
std::array<float, 3> cheap_noise(Rng& rng) {
  const uint64_t bits = rng.bits();
  std::array<float, 3> noise;
  for (int c = 0; c < 3; ++c) {
    const auto first = static_cast<float>((bits >> (20 * c)) & 1023), second = static_cast<float>((bits >> (20 * c + 10)) & 1023);
    noise[c] = (first + second - 1023) * (2.449f / 1024);
  }
  return noise;
}

/// The gain of a camera that meters the face: most of the way to a medium brightness, as photographers do it.
double metered(Tint skin) {
  const double brightness = 0.299 * skin.red + 0.587 * skin.green + 0.114 * skin.blue;
  return std::pow(0.64 / brightness, 0.7);
}

/// A film's shoulder: bright tones come close to white instead of being cut.
double shoulder(double tone) {
  constexpr double kStart = 0.72, kRoom = 1 - kStart;
  const double above = tone - kStart;
  return above <= 0 ? tone : kStart + kRoom * above / (above + kRoom);
}

void expose(Raster& canvas, Tint skin, const CameraOptions& options, Rng& rng) {
  const double light = options.light;
  const double gain = metered(skin) * (1 + light * rng.uniform(-0.2, 0.25)), warmth = light * rng.uniform(-0.10, 0.10);
  const double contrast = 1 + light * rng.uniform(-0.25, 0.15), lift = light * rng.uniform(-0.05, 0.12);
  const double vignette = rng.chance(0.4) ? light * rng.uniform(0, 0.5) : 0;
  const double gray = 1 - options.color * rng.uniform();
  const Tint color{static_cast<float>(gain * (1 + warmth)), static_cast<float>(gain), static_cast<float>(gain * (1 - warmth))};
  const auto size = static_cast<double>(canvas.size());
  for (int64_t y = 0; y < canvas.size(); ++y) {
    for (int64_t x = 0; x < canvas.size(); ++x) {
      float* value = canvas.pixel(x, y);
      const double u = 2 * (x + 0.5) / size - 1, v = 2 * (y + 0.5) / size - 1;
      const double dim = 1 - vignette * 0.5 * (u * u + v * v);
      const float mean = 0.299f * value[0] + 0.587f * value[1] + 0.114f * value[2];
      const float tint[3] = {color.red, color.green, color.blue};
      for (int c = 0; c < 3; ++c) {
        const double colored = value[c] * (1 - gray) * tint[c] + mean * gray * gain;
        value[c] = static_cast<float>(0.5 + (shoulder(colored * dim + lift) - 0.5) * contrast);
      }
    }
  }
}

}  // namespace

void take_picture(Raster& canvas, Tint skin, const CameraOptions& options, Rng rng) {
  const double noise = options.noise;
  Rng exposure = rng.split(1), grain = rng.split(2);
  expose(canvas, skin, options, exposure);
  const double unit = static_cast<double>(canvas.size()) / 48;
  canvas.blur(unit * (0.25 + noise * (rng.chance(0.25) ? rng.uniform(0.3, 0.7) : rng.uniform(0, 0.3))));
  const auto strength = static_cast<float>(noise * (rng.chance(0.3) ? rng.uniform(0.015, 0.035) : rng.uniform(0.002, 0.012)));
  const bool colored = rng.chance(0.5);
  for (int64_t y = 0; y < canvas.size(); ++y) {
    for (int64_t x = 0; x < canvas.size(); ++x) {
      const auto sample = cheap_noise(grain);
      float* value = canvas.pixel(x, y);
      for (int c = 0; c < 3; ++c) value[c] += strength * sample[colored ? c : 0];
    }
  }
}

}  // namespace leaf::synthetic
