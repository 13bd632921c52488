#pragma once

#include "leaf/base/rng.h"
#include "leaf/faces/synthetic/action_units.h"
#include "leaf/faces/synthetic/identity.h"
#include "leaf/faces/synthetic/options.h"
#include "leaf/pictures/image.h"

namespace leaf::synthetic {

/// A picture of `person` doing `units`; pose, light, background, glasses, occlusion and camera come from `rng`, as far as
/// the options let them vary. Pure.
Image portrait(const Identity& person, const ActionUnits& units, const SyntheticOptions& options, const Rng& rng);

}  // namespace leaf::synthetic
