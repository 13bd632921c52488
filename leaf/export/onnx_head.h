#pragma once

#include <string>

#include "leaf/export/onnx_graph.h"
#include "leaf/model/model.h"

namespace leaf {

/// Adds what follows the encoder to the graph: from the value `features` [n, D] to the values `logits` and `probabilities`
/// [n, C], as ExpressionHead, ModelImpl::shifted and the temperature of a calibration compute them in evaluation mode.
///
/// All is made of operators that every reader of ONNX has: OpenCV's dnn of Debian 12 knows no TopK, no Clip with bounds, and no
/// reduction or repetition of tables for any number of faces, so rows are pictures of one row that are pooled. The k-th largest
/// value of a gate is found by taking the largest away k − 1 times, and what is below it loses its part in the softmax. Experts
/// whose gates are equal in every bit are kept or left together.
void add_head(OnnxGraph& graph, const std::string& features, Model& model, const ModelOptions& options, double temperature);

}  // namespace leaf
