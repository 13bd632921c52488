#pragma once

#include <torch/utils.h>

#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/recognize/model_file.h"

namespace leaf {

/// A network with drawn weights for seven classes and views of 32 pixels, ready to predict or to be saved as a run saves it.
inline ModelFile drawn_model() {
  torch::manual_seed(3);
  ModelFile file;
  file.options.backbone = "resnet10_half";
  file.views.size = 32;
  file.classes = synthetic_classes(7);
  file.model = make_model(file.options, 7, file.views.size);
  file.model->eval();
  return file;
}

}  // namespace leaf
