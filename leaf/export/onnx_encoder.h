#pragma once

#include <string>

#include "leaf/export/onnx_graph.h"
#include "leaf/model/layer_record.h"

namespace leaf {

/// Adds an encoder to the graph: from the value `images` [n, 3, H, W] through the layers to the means of the map [n, D], whose
/// name is returned. Throws std::logic_error where a layer reads what no layer before it gave.
std::string add_encoder(OnnxGraph& graph, const std::string& images, const LayerRecords& layers);

}  // namespace leaf
