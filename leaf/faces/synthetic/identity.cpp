#include "leaf/faces/synthetic/identity.h"

#include <algorithm>
#include <array>

namespace leaf::synthetic {
namespace {

constexpr std::array<Tint, 7> kSkin{{{1.00f, 0.88f, 0.81f},
                                     {0.95f, 0.78f, 0.67f},
                                     {0.88f, 0.68f, 0.54f},
                                     {0.77f, 0.56f, 0.41f},
                                     {0.62f, 0.42f, 0.29f},
                                     {0.47f, 0.31f, 0.22f},
                                     {0.34f, 0.23f, 0.17f}}};
constexpr std::array<Tint, 6> kHair{{{0.07f, 0.06f, 0.06f},
                                     {0.16f, 0.10f, 0.07f},
                                     {0.32f, 0.20f, 0.12f},
                                     {0.50f, 0.25f, 0.12f},
                                     {0.76f, 0.60f, 0.36f},
                                     {0.88f, 0.80f, 0.62f}}};
constexpr std::array<Tint, 4> kIris{{{0.20f, 0.11f, 0.06f}, {0.36f, 0.24f, 0.12f}, {0.35f, 0.45f, 0.30f}, {0.40f, 0.55f, 0.68f}}};

/// A point of a table at 0…1, between its entries.
template <size_t N>
Tint along(const std::array<Tint, N>& table, double at) {
  const double place = std::clamp(at, 0.0, 1.0) * (N - 1);
  const auto first = std::min(static_cast<size_t>(place), N - 2);
  return mix(table[first], table[first + 1], place - static_cast<double>(first));
}

void draw_shape(Identity& person, Rng rng, double range) {
  const auto vary = [&](double middle, double spread) { return middle + range * spread * rng.uniform(-1, 1); };
  person.width = vary(1.0, 0.13);
  person.length = vary(1.0, 0.07);
  person.jaw = vary(0.55, 0.08);
  person.chin = vary(0.27, 0.07);
  person.eye_distance = vary(0.315, 0.04);
  person.eye_y = vary(-0.15, 0.05);
  person.eye_width = vary(0.16, 0.03);
  person.eye_height = vary(0.12, 0.03);
  person.eye_tilt = vary(-0.01, 0.03);
  person.brow_y = person.eye_y - vary(0.20, 0.04);
  person.brow_slope = vary(0.0, 0.035);
  person.brow_arch = vary(0.045, 0.035);
  person.brow_length = vary(0.225, 0.03);
  person.brow_thickness = vary(0.031, 0.016);
  person.nose_width = vary(0.135, 0.035);
  person.nose_y = vary(0.20, 0.05);
  person.mouth_y = person.nose_y + vary(0.30, 0.04);
  person.mouth_width = vary(0.26, 0.03);
  person.upper_lip = vary(0.050, 0.025);
  person.lower_lip = vary(0.066, 0.028);
  person.corner = vary(0.0, 0.018);
  person.iris = vary(0.068, 0.006);
  person.hairline = vary(-0.62, 0.10);
  person.parting = vary(0, 0.8);
}

void draw_colors(Identity& person, Rng rng) {
  const double melanin = rng.uniform();
  person.skin = skin_tone(melanin, rng.uniform(-1, 1));
  person.age = rng.chance(0.5) ? rng.uniform(0, 0.3) : rng.uniform(0, 1);
  person.hair = along(kHair, rng.uniform() * (melanin > 0.55 ? 0.35 : 1.0));
  const double gray = std::clamp((person.age - 0.5) * 2.5 * rng.uniform(), 0.0, 1.0);
  person.hair = mix(person.hair, {0.80f, 0.80f, 0.80f}, gray);
  if (rng.chance(0.02)) {
    const double red = rng.uniform(), green = rng.uniform(), blue = rng.uniform();
    person.hair = {static_cast<float>(red), static_cast<float>(green), static_cast<float>(blue)};
  }
  person.eyes = along(kIris, melanin > 0.5 ? rng.uniform(0, 0.35) : rng.uniform());
  const Tint natural = mix(person.skin * Tint{0.90f, 0.62f, 0.62f}, {0.62f, 0.30f, 0.30f}, 0.25);
  const bool painted = rng.chance(0.25);
  const Tint lipstick = mix({0.75f, 0.12f, 0.18f}, {0.55f, 0.15f, 0.35f}, rng.uniform());
  person.lips = mix(natural, lipstick, painted ? rng.uniform(0.3, 0.9) : rng.uniform(0, 0.1));
  person.lashes = painted ? rng.uniform(0.7, 1.0) : rng.uniform(0.35, 0.8);
  person.eye_shadow = painted ? rng.uniform(0, 0.6) : 0;
  const double red = rng.uniform(0.08, 0.85), green = rng.uniform(0.08, 0.85), blue = rng.uniform(0.08, 0.85);
  person.cloth = {static_cast<float>(red), static_cast<float>(green), static_cast<float>(blue)};
}

void draw_style(Identity& person, Rng rng) {
  constexpr std::array<Hair, 20> kStyles{Hair::none,    Hair::none,   Hair::cropped,   Hair::cropped,   Hair::cropped,
                                         Hair::cropped, Hair::fringe, Hair::fringe,    Hair::fringe,    Hair::parted,
                                         Hair::parted,  Hair::parted, Hair::long_hair, Hair::long_hair, Hair::long_hair,
                                         Hair::curly,   Hair::curly,  Hair::bun,       Hair::scarf,     Hair::cap};
  constexpr std::array<Beard, 4> kBeards{Beard::stubble, Beard::mustache, Beard::goatee, Beard::full};
  person.style = kStyles[rng.below(kStyles.size())];
  const bool may =
      person.style != Hair::long_hair && person.style != Hair::bun && person.style != Hair::scarf && person.eye_shadow == 0;
  const auto beard = kBeards[rng.below(kBeards.size())];
  person.beard = may && rng.chance(0.4) ? beard : Beard::none;
}

}  // namespace

Tint skin_tone(double melanin, double warmth) {
  const Tint tone = along(kSkin, melanin);
  const auto shift = static_cast<float>(0.03 * warmth);
  return {tone.red + shift, tone.green, tone.blue - shift};
}

Identity random_identity(Rng rng, double range) {
  Identity person;
  draw_shape(person, rng.split(1), range);
  draw_colors(person, rng.split(2));
  draw_style(person, rng.split(3));
  return person;
}

}  // namespace leaf::synthetic
