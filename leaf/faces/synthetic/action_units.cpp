#include "leaf/faces/synthetic/action_units.h"

#include <algorithm>

namespace leaf::synthetic {
namespace {

/// A unit of a prototype: how strong it is at full intensity and in which share of the faces it takes part.
struct Activation {
  Unit unit{};
  double strength = 0;  // 0: none
  double share = 1;
};

/// One way of showing an expression.
struct Variant {
  Expression expression;
  std::array<Activation, 7> activations;
};

using enum Unit;
using enum Expression;

constexpr std::array<Variant, 18> kVariants{{
    {neutral, {}},
    {happiness, {{{cheek_raiser, 0.8, 0.9}, {lip_corner_puller, 1}}}},
    {happiness, {{{cheek_raiser, 0.8, 0.9}, {lip_corner_puller, 1}, {lips_part, 0.8}}}},
    {happiness, {{{cheek_raiser, 1, 0.9}, {lip_corner_puller, 1}, {lips_part, 1}, {jaw_drop, 0.35}}}},
    {surprise,
     {{{inner_brow_raiser, 1}, {outer_brow_raiser, 1}, {upper_lid_raiser, 0.8, 0.9}, {lips_part, 0.8}, {jaw_drop, 0.9}}}},
    {surprise,
     {{{inner_brow_raiser, 1}, {outer_brow_raiser, 1}, {upper_lid_raiser, 0.8, 0.9}, {lips_part, 0.7}, {jaw_drop, 0.6}}}},
    {sadness,
     {{{inner_brow_raiser, 1},
       {brow_lowerer, 0.5, 0.9},
       {lip_corner_depressor, 1},
       {chin_raiser, 0.6, 0.7},
       {eyes_closed, 0.5, 0.8}}}},
    {sadness,
     {{{inner_brow_raiser, 0.9}, {brow_lowerer, 0.4}, {lip_corner_depressor, 0.9}, {chin_raiser, 0.9}, {eyes_closed, 0.4, 0.6}}}},
    {anger, {{{brow_lowerer, 1}, {upper_lid_raiser, 0.4, 0.6}, {lid_tightener, 0.8, 0.9}, {lip_tightener, 0.9}}}},
    {anger,
     {{{brow_lowerer, 1}, {upper_lid_raiser, 0.4, 0.6}, {lid_tightener, 0.8, 0.9}, {lip_pressor, 1}, {chin_raiser, 0.4, 0.5}}}},
    {anger,
     {{{brow_lowerer, 1},
       {upper_lid_raiser, 0.6, 0.8},
       {lid_tightener, 0.6},
       {lip_tightener, 0.7},
       {lips_part, 0.9},
       {upper_lip_raiser, 0.3, 0.5}}}},
    {disgust,
     {{{nose_wrinkler, 1},
       {upper_lip_raiser, 0.8},
       {lid_tightener, 0.5, 0.7},
       {lip_corner_depressor, 0.4, 0.6},
       {chin_raiser, 0.5, 0.6}}}},
    {disgust,
     {{{nose_wrinkler, 0.9},
       {upper_lip_raiser, 1},
       {lips_part, 0.7},
       {cheek_raiser, 0.4, 0.6},
       {lip_corner_depressor, 0.3, 0.5}}}},
    {fear,
     {{{inner_brow_raiser, 1},
       {outer_brow_raiser, 0.5},
       {brow_lowerer, 0.7},
       {upper_lid_raiser, 1},
       {lip_stretcher, 1},
       {lips_part, 0.7},
       {jaw_drop, 0.25}}}},
    {fear,
     {{{inner_brow_raiser, 1},
       {outer_brow_raiser, 0.4},
       {brow_lowerer, 0.7},
       {upper_lid_raiser, 0.9},
       {lip_stretcher, 0.9},
       {lips_part, 0.5}}}},
    {contempt, {{{lip_corner_puller, 0.85}, {dimpler, 1}}}},
    {contempt, {{{lip_corner_puller, 0.75}, {dimpler, 1}, {outer_brow_raiser, 0.5, 0.7}}}},
    {contempt, {{{lip_corner_puller, 0.8}, {dimpler, 0.9}, {lip_pressor, 0.3, 0.5}}}},
}};

/// One of the variants of an expression, equally likely.
const Variant& random_variant(Expression expression, Rng& rng) {
  const auto shows = [&](const Variant& variant) { return variant.expression == expression; };
  auto left = rng.below(std::count_if(kVariants.begin(), kVariants.end(), shows));
  return *std::find_if(kVariants.begin(), kVariants.end(), [&](const Variant& variant) { return shows(variant) && left-- == 0; });
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
  const Variant& variant = random_variant(expression, rng);
  const bool on_left = rng.chance(0.5);
  for (const auto& [unit, full, share] : variant.activations) {
    if (full == 0) break;
    const bool present = rng.uniform() < 1 - (1 - share) * variation;
    const double strength = full * intensity * (1 + variation * rng.uniform(-0.3, 0.15));
    const double lean = variation * rng.uniform(-0.15, 0.15);
    if (!present) continue;
    Sides sides{std::clamp(strength * (1 + lean), 0.0, 1.0), std::clamp(strength * (1 - lean), 0.0, 1.0)};
    if (expression == contempt) (on_left ? sides.right : sides.left) *= 0.08;
    units[unit] = sides;
  }
  if (rng.chance(0.35 * variation)) add_strange_unit(units, variation, rng);
  return units;
}

ActionUnits blend(const ActionUnits& first, double share, const ActionUnits& second) {
  ActionUnits units;
  for (size_t i = 0; i < kUnits; ++i) {
    const auto unit = static_cast<Unit>(i);
    units[unit] = {share * first[unit].left + (1 - share) * second[unit].left,
                   share * first[unit].right + (1 - share) * second[unit].right};
  }
  return units;
}

}  // namespace leaf::synthetic
