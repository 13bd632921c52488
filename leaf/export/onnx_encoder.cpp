#include "leaf/export/onnx_encoder.h"

#include <map>
#include <stdexcept>

namespace leaf {
namespace {

using Shape = OnnxGraph::Shape;

Shape twice(int64_t number) { return {number, number}; }
Shape around(int64_t number) { return {number, number, number, number}; }

std::string add_layer(OnnxGraph& graph, const LayerRecord& layer, const std::string& x) {
  const auto shape = twice(layer.kernel), strides = twice(layer.stride), pads = around(layer.padding);
  switch (layer.kind) {
    case LayerRecord::Kind::kConvolution: {
      std::vector<std::string> inputs = {x, graph.constant(layer.weight)};
      if (layer.bias.defined()) inputs.push_back(graph.constant(layer.bias));
      return graph.node("Conv", inputs, {{"kernel_shape", shape}, {"strides", strides}, {"pads", pads}, {"group", layer.groups}});
    }
    case LayerRecord::Kind::kScaling:
      return graph.node("BatchNormalization",  // of the mean 0 and the variance 1
                        {x, graph.constant(layer.weight), graph.constant(layer.bias),
                         graph.constant(torch::zeros_like(layer.bias)), graph.constant(torch::ones_like(layer.bias))},
                        {{"epsilon", 0.0F}});
    case LayerRecord::Kind::kLargest:
      return graph.node("MaxPool", {x}, {{"kernel_shape", shape}, {"strides", strides}, {"pads", pads}});
    case LayerRecord::Kind::kMeans:
      return graph.node("AveragePool", {x}, {{"kernel_shape", shape}, {"strides", strides}});
    case LayerRecord::Kind::kZeros: {
      const auto& [channels, above, left, more_channels, below, right] = layer.zeros;
      return graph.node("Pad", {x, graph.constant(Shape{0, channels, above, left, 0, more_channels, below, right})});
    }
    case LayerRecord::Kind::kNothing:
      return x;
  }
  throw std::logic_error("a kind of layer that ONNX has no operator for");
}

}  // namespace

std::string add_encoder(OnnxGraph& graph, const std::string& images, const LayerRecords& layers) {
  std::map<const torch::TensorImpl*, std::string> names;
  const auto name_of = [&](const torch::Tensor& tensor) {
    const auto found = names.find(tensor.unsafeGetTensorImpl());
    if (found == names.end()) throw std::logic_error("the encoder has steps between its layers that leaf/model/layers.h lacks");
    return found->second;
  };
  names[layers.front().x.unsafeGetTensorImpl()] = images;
  for (const auto& layer : layers) {
    auto value = add_layer(graph, layer, name_of(layer.x));
    if (layer.added.defined()) value = graph.node("Add", {value, name_of(layer.added)});
    if (layer.slope == 0) {
      value = graph.node("Relu", {value});
    } else if (layer.slope != 1) {
      value = graph.node("LeakyRelu", {value}, {{"alpha", static_cast<float>(layer.slope)}});
    }
    names[layer.result.unsafeGetTensorImpl()] = value;
  }
  return graph.node("Flatten", {graph.node("GlobalAveragePool", {name_of(layers.back().result)})}, {{"axis", int64_t{1}}});
}

}  // namespace leaf
