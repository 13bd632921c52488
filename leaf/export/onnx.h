#pragma once

#include <string>

#include "leaf/recognize/model_file.h"

namespace leaf {

/// A model as an ONNX file: what Recognizer computes in float32, from views to probabilities, for any number of faces at once
/// (docs/embedding.md has names and remarks).
std::string onnx_of(const ModelFile& file);

}  // namespace leaf
