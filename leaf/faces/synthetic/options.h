#pragma once

#include <cstdint>

#include "leaf/base/options.h"

namespace leaf {

/// Which faces are drawn and how much they differ. The defaults are hard enough that ten labeled faces of a class do not
/// teach the task, and easy enough that all labels do.
struct SyntheticOptions {
  int64_t size = 48;
  int64_t classes = 8;
  double blend = 0;
  uint64_t seed = 0;  ///< another seed, other people
  double weak = 0.1;
  double variation = 0.5;
  double identity = 0.5;  ///< hair, beards and skin always have their full range
  double pose = 0.7;
  double light = 0.3;
  double color = 0.3;  ///< FER2013's are all gray
  double noise = 0.3;
  double glasses = 0.15;
  double occlusion = 0.1;
};

/// Names the options; the seed is left to the caller, who has one already.
inline void describe(Options& options, SyntheticOptions& synthetic) {
  options.add("size", synthetic.size, "height and width of a face, pixels", 16, 1024);
  options.add("classes", synthetic.classes, "8, or 7 without contempt", 7, 8);
  options.add("blend", synthetic.blend, "share of the faces that show two expressions at once", 0, 1);
  options.add("weak", synthetic.weak, "share of the faces with a faint expression", 0, 1);
  options.add("variation", synthetic.variation, "of the action units from an expression's prototype", 0, 1);
  options.add("identity", synthetic.identity, "of the shapes of faces", 0, 1);
  options.add("pose", synthetic.pose, "of the head's angles, size and place", 0, 1);
  options.add("light", synthetic.light, "of the direction, color and strength of the light", 0, 1);
  options.add("color", synthetic.color, "greatest saturation of a picture, 0 = all gray", 0, 1);
  options.add("noise", synthetic.noise, "blur and sensor noise", 0, 1);
  options.add("glasses", synthetic.glasses, "share of the faces with glasses", 0, 1);
  options.add("occlusion", synthetic.occlusion, "share of the faces with something before them", 0, 1);
}

}  // namespace leaf
