#include "leaf/faces/synthetic/action_units.h"

#include <algorithm>

namespace leaf {
namespace {

/// A unit of a prototype: how strong it is at full intensity and in which share of the faces it takes part.
struct Part {
  Unit unit;
  double strength;
  double share = 1;
};
using Prototype = std::vector<Part>;

/// The variants of each expression, equally likely.
std::vector<Prototype> prototypes(Expression expression) {
  using enum Unit;
  switch (expression) {
    case Expression::neutral: return {Prototype{}};
    case Expression::happiness:
      return {{{cheek_raiser, 0.8, 0.9}, {lip_corner_puller, 1}},
              {{cheek_raiser, 0.8, 0.9}, {lip_corner_puller, 1}, {lips_part, 0.8}},
              {{cheek_raiser, 1, 0.9}, {lip_corner_puller, 1}, {lips_part, 1}, {jaw_drop, 0.35}}};
    case Expression::surprise:
      return {{{inner_brow_raiser, 1}, {outer_brow_raiser, 1}, {upper_lid_raiser, 0.8, 0.9}, {lips_part, 0.8}, {jaw_drop, 0.9}},
              {{inner_brow_raiser, 1}, {outer_brow_raiser, 1}, {upper_lid_raiser, 0.8, 0.9}, {lips_part, 0.7}, {jaw_drop, 0.6}}};
    case Expression::sadness:
      return {{{inner_brow_raiser, 1}, {brow_lowerer, 0.5, 0.9}, {lip_corner_depressor, 1}, {chin_raiser, 0.6, 0.7}, {eyes_closed, 0.5, 0.8}},
              {{inner_brow_raiser, 0.9}, {brow_lowerer, 0.4}, {lip_corner_depressor, 0.9}, {chin_raiser, 0.9}, {eyes_closed, 0.4, 0.6}}};
    case Expression::anger:
      return {{{brow_lowerer, 1}, {upper_lid_raiser, 0.4, 0.6}, {lid_tightener, 0.8, 0.9}, {lip_tightener, 0.9}},
              {{brow_lowerer, 1}, {upper_lid_raiser, 0.4, 0.6}, {lid_tightener, 0.8, 0.9}, {lip_pressor, 1}, {chin_raiser, 0.4, 0.5}},
              {{brow_lowerer, 1}, {upper_lid_raiser, 0.6, 0.8}, {lid_tightener, 0.6}, {lip_tightener, 0.7}, {lips_part, 0.9}, {upper_lip_raiser, 0.3, 0.5}}};
    case Expression::disgust:
      return {{{nose_wrinkler, 1}, {upper_lip_raiser, 0.8}, {lid_tightener, 0.5, 0.7}, {lip_corner_depressor, 0.4, 0.6}, {chin_raiser, 0.5, 0.6}},
              {{nose_wrinkler, 0.9}, {upper_lip_raiser, 1}, {lips_part, 0.7}, {cheek_raiser, 0.4, 0.6}, {lip_corner_depressor, 0.3, 0.5}}};
    case Expression::fear:
      return {{{inner_brow_raiser, 1}, {outer_brow_raiser, 0.5}, {brow_lowerer, 0.7}, {upper_lid_raiser, 1}, {lip_stretcher, 1}, {lips_part, 0.7}, {jaw_drop, 0.25}},
              {{inner_brow_raiser, 1}, {outer_brow_raiser, 0.4}, {brow_lowerer, 0.7}, {upper_lid_raiser, 0.9}, {lip_stretcher, 0.9}, {lips_part, 0.5}}};
    case Expression::contempt:
      return {{{lip_corner_puller, 0.85}, {dimpler, 1}}, {{lip_corner_puller, 0.75}, {dimpler, 1}, {outer_brow_raiser, 0.5, 0.7}}};
  }
  return {Prototype{}};
}

void add_strange_unit(ActionUnits& units, double variation, Rng& rng) {
  const auto unit = static_cast<Unit>(rng.below(kUnits));
  const double strength = variation * rng.uniform(0.1, 0.3);
  units[unit].left = std::min(1.0, units[unit].left + strength);
  units[unit].right = std::min(1.0, units[unit].right + strength);
}

}  // namespace

ActionUnits express(Expression expression, double intensity, double variation, Rng rng) {
  ActionUnits units;
  const auto variants = prototypes(expression);
  const auto& prototype = variants[rng.below(static_cast<int64_t>(variants.size()))];
  const bool one_sided = expression == Expression::contempt;
  const bool on_left = rng.chance(0.5);
  for (const Part& part : prototype) {
    const bool present = rng.uniform() < 1 - (1 - part.share) * std::min(variation, 1.0);
    const double strength = part.strength * intensity * (1 + variation * rng.uniform(-0.3, 0.15));
    const double lean = variation * rng.uniform(-0.15, 0.15);
    if (!present) continue;
    Sides sides{std::clamp(strength * (1 + lean), 0.0, 1.0), std::clamp(strength * (1 - lean), 0.0, 1.0)};
    if (one_sided) (on_left ? sides.right : sides.left) *= 0.08;
    units[part.unit] = sides;
  }
  if (rng.chance(std::min(1.0, 0.35 * variation))) add_strange_unit(units, variation, rng);
  return units;
}

ActionUnits blend(const ActionUnits& first, double share, const ActionUnits& second) {
  ActionUnits units;
  for (size_t i = 0; i < kUnits; ++i) {
    const auto unit = static_cast<Unit>(i);
    units[unit] = {share * first[unit].left + (1 - share) * second[unit].left, share * first[unit].right + (1 - share) * second[unit].right};
  }
  return units;
}

}  // namespace leaf
