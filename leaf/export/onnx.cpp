#include "leaf/export/onnx.h"

#include "leaf/export/model_input.h"
#include "leaf/export/onnx_encoder.h"
#include "leaf/export/onnx_graph.h"
#include "leaf/export/onnx_head.h"

namespace leaf {

std::string onnx_of(const ModelFile& file) {
  auto model = file.model;
  model->eval();
  const auto classes = static_cast<int64_t>(file.classes.size()), size = file.views.size;
  OnnxGraph graph("Facial expression recognition by LEAF: normalized faces to logits and probabilities");
  const auto faces = graph.input("faces", {3, size, size});
  add_head(graph, add_encoder(graph, faces, model->record(size)), model, file.options, file.temperature());
  graph.output("logits", {classes});
  graph.output("probabilities", {classes});
  graph.remark("classes", Json(file.classes).dump());
  const auto description = model_input(file);
  for (const auto& [key, value] : description.items())
    graph.remark(key, value.is_string() ? value.get<std::string>() : value.dump());
  graph.remark("backbone", file.options.backbone);
  return graph.bytes();
}

}  // namespace leaf
