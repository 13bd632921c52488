#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace leaf {

/// A network as ONNX (https://onnx.ai, opset 13, IR version 7) in the making. A value is known by its name; values of the graph
/// get theirs from the operator that makes them.
class OnnxGraph {
 public:
  using Shape = std::vector<int64_t>;
  using Attribute = std::pair<std::string, std::variant<int64_t, float, Shape>>;

  explicit OnnxGraph(const std::string& description);
  ~OnnxGraph();
  OnnxGraph(const OnnxGraph&) = delete;
  OnnxGraph& operator=(const OnnxGraph&) = delete;

  /// Values float32 [n, shape…] with any n that go in, or that came out of node() under this name.
  std::string input(const std::string& name, const Shape& shape);
  void output(const std::string& name, const Shape& shape);

  /// What operators read besides: numbers that are kept as float32, a single one, or a list of sizes.
  std::string constant(const torch::Tensor& numbers);
  std::string constant(double number);
  std::string constant(const Shape& sizes);

  /// The result of an operator; `name` where others will ask for it.
  std::string node(const std::string& type, const std::vector<std::string>& inputs, const std::vector<Attribute>& attributes = {},
                   const std::string& name = "");

  /// A remark that the file carries.
  void remark(const std::string& key, const std::string& value);

  /// The whole as a file.
  std::string bytes() const;

 private:
  struct Message;
  std::unique_ptr<Message> message_;
  int64_t made_ = 0;
};

}  // namespace leaf
