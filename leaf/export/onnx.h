#pragma once

#include <string>

#include "leaf/recognize/model_file.h"

namespace leaf {

/// A model as an ONNX file: what Recognizer computes in float32, from views to probabilities, for any number of faces at once
/// (docs/embedding.md has names and remarks).
std::string onnx_of(const ModelFile& file);

/// What a program must know to make a model's input of a face, as in `config.json` and the remarks of an ONNX file: size, mean
/// and deviation, order of colors, how a picture is resized.
Json input_description(const ModelFile& file);

}  // namespace leaf
