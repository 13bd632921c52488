#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "leaf/base/rng.h"

namespace leaf::synthetic {

/// The units of the Facial Action Coding System (Ekman, Friesen, Hager, 2002) that are drawn.
enum class Unit : size_t {
  inner_brow_raiser,     ///< AU1
  outer_brow_raiser,     ///< AU2
  brow_lowerer,          ///< AU4
  upper_lid_raiser,      ///< AU5
  cheek_raiser,          ///< AU6
  lid_tightener,         ///< AU7
  nose_wrinkler,         ///< AU9
  upper_lip_raiser,      ///< AU10
  lip_corner_puller,     ///< AU12
  dimpler,               ///< AU14
  lip_corner_depressor,  ///< AU15
  chin_raiser,           ///< AU17
  lip_stretcher,         ///< AU20
  lip_tightener,         ///< AU23
  lip_pressor,           ///< AU24
  lips_part,             ///< AU25
  jaw_drop,              ///< AU26
  eyes_closed,           ///< AU43, in part: a drooping upper lid
};
constexpr size_t kUnits = 18;

/// An intensity, 0 (absent) to 1 (maximal, FACS's E), for the left and the right half of the picture.
struct Sides {
  double left = 0, right = 0;
  double mean() const { return (left + right) / 2; }
  double side(int sign) const { return sign < 0 ? left : right; }
};

/// What the muscles of a face do.
class ActionUnits {
 public:
  Sides& operator[](Unit unit) { return units_[static_cast<size_t>(unit)]; }
  const Sides& operator[](Unit unit) const { return units_[static_cast<size_t>(unit)]; }

 private:
  std::array<Sides, kUnits> units_{};
};

/// The eight expressions in canonical order.
enum class Expression : int64_t { neutral, happiness, surprise, sadness, anger, disgust, fear, contempt };

/// One face's way of showing an expression at the given intensity, 0…1: the units of its prototype (EMFACS: happiness 6+12,
/// sadness 1+4+15+17, surprise 1+2+5+26, fear 1+2+4+5+20+26, anger 4+5+7+23/24, disgust 9+10+15+17, contempt one-sided
/// 12+14), some of them missing, each with its own strength and a little asymmetry, and now and then a unit that does not
/// belong. `variation` scales these departures; 0 is the prototype itself, with the optional units that are likely.
ActionUnits express(Expression expression, double intensity, double variation, Rng rng);

/// The units of two expressions at once, in the given shares (0…1).
ActionUnits blend(const ActionUnits& first, double share, const ActionUnits& second);

}  // namespace leaf::synthetic
