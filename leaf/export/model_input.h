#pragma once

#include "leaf/base/json.h"
#include "leaf/recognize/model_file.h"

namespace leaf {

/// What a program must know to make a model's input of a face, as in `config.json` (leaf_input) and the remarks of an ONNX file:
/// size, mean and deviation, order of colors, how a face of a photo is aligned, how a picture is resized.
Json model_input(const ModelFile& file);

}  // namespace leaf
