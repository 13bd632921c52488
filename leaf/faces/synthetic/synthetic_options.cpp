#include "leaf/faces/synthetic/synthetic_face.h"

namespace leaf {

void describe(Options& options, SyntheticOptions& synthetic) {
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
