#include "leaf/export/onnx_graph.h"

#define ONNX_ML 1  // what Debian's library was compiled with, which its headers want to be told
#define ONNX_NAMESPACE onnx
#include <onnx/onnx_pb.h>

#include "leaf/base/text.h"

namespace leaf {
namespace {

constexpr int64_t kOpset = 13, kFormat = 7;  ///< the format's version that came with that set of operators
constexpr const char* kBatch = "batch";      ///< how any number of faces is called

void declare(onnx::ValueInfoProto& value, const std::string& name, const OnnxGraph::Shape& shape) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param(kBatch);
  for (const int64_t size : shape) type.mutable_shape()->add_dim()->set_dim_value(size);
}

}  // namespace

struct OnnxGraph::Message {
  onnx::ModelProto model;

  onnx::GraphProto& graph() { return *model.mutable_graph(); }
  /// A new constant, whose numbers are those `bytes` at `data`.
  std::string add(int64_t number, onnx::TensorProto::DataType type, const Shape& shape, const void* data, size_t bytes) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name("constant_" + std::to_string(number));
    tensor.set_data_type(type);
    for (const int64_t size : shape) tensor.add_dims(size);
    tensor.set_raw_data(data, bytes);
    return tensor.name();
  }
};

OnnxGraph::OnnxGraph(const std::string& description) : message_(std::make_unique<Message>()) {
  auto& model = message_->model;
  model.set_ir_version(kFormat);
  model.set_producer_name("leaf");
  model.set_doc_string(description);
  model.add_opset_import()->set_version(kOpset);
  message_->graph().set_name("leaf");
}

OnnxGraph::~OnnxGraph() = default;

std::string OnnxGraph::input(const std::string& name, const Shape& shape) {
  declare(*message_->graph().add_input(), name, shape);
  return name;
}

void OnnxGraph::output(const std::string& name, const Shape& shape) { declare(*message_->graph().add_output(), name, shape); }

std::string OnnxGraph::constant(const torch::Tensor& numbers) {
  const auto exact = numbers.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return message_->add(made_++, onnx::TensorProto::FLOAT, exact.sizes().vec(), exact.data_ptr(), exact.nbytes());
}

std::string OnnxGraph::constant(double number) {
  const auto value = static_cast<float>(number);
  return message_->add(made_++, onnx::TensorProto::FLOAT, {}, &value, sizeof value);
}

std::string OnnxGraph::constant(const Shape& sizes) {
  return message_->add(made_++, onnx::TensorProto::INT64, {std::ssize(sizes)}, sizes.data(), sizes.size() * sizeof(int64_t));
}

std::string OnnxGraph::node(const std::string& type, const std::vector<std::string>& inputs,
                            const std::vector<Attribute>& attributes, const std::string& name) {
  auto& node = *message_->graph().add_node();
  const auto result = name.empty() ? lower(type) + "_" + std::to_string(made_++) : name;
  node.set_name(result);
  node.set_op_type(type);
  node.add_output(result);
  for (const auto& input : inputs) node.add_input(input);
  for (const auto& [key, value] : attributes) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(key);
    if (const auto* number = std::get_if<int64_t>(&value)) {
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(*number);
    } else if (const auto* fraction = std::get_if<float>(&value)) {
      attribute.set_type(onnx::AttributeProto::FLOAT);
      attribute.set_f(*fraction);
    } else {
      attribute.set_type(onnx::AttributeProto::INTS);
      for (const int64_t size : std::get<Shape>(value)) attribute.add_ints(size);
    }
  }
  return result;
}

void OnnxGraph::remark(const std::string& key, const std::string& value) {
  auto& entry = *message_->model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

std::string OnnxGraph::bytes() const { return message_->model.SerializeAsString(); }

}  // namespace leaf
