#include "leaf/export/onnx_head.h"

#include <cmath>
#include <limits>

#include "leaf/model/weights.h"

namespace leaf {
namespace {

using torch::Tensor;
using Shape = OnnxGraph::Shape;

constexpr double kHuge = 1e30;  ///< makes a step of any difference between two numbers, and nothing of a number in a softmax

/// Writes the head's parts in order; values are [n, D] unless said.
class HeadWriter {
 public:
  HeadWriter(OnnxGraph& graph, Model& model, const ModelOptions& options, double temperature)
      : graph_(graph), tensors_(collect(*model)), options_(options), temperature_(temperature) {}

  void write(std::string x) {
    if (options_.semantic.enabled) x = level("head.semantic.", options_.semantic, x);
    if (options_.unit_length) x = unit_length(x, width("head.classifier.weight"));
    const double scale = options_.learn_scale ? tensors_.at("head.scale").item<double>() : options_.scale;
    if (scale != 1) x = times(x, scale);
    const bool on_predictions = options_.instance_on == "predictions";
    if (options_.instance.enabled && !on_predictions) x = level("head.instance.", options_.instance, x);
    x = linear(x, tensors_.at("head.classifier.weight"), tensors_.at("head.classifier.bias"));
    if (options_.instance.enabled && on_predictions) x = level("head.instance.", options_.instance, x);
    const auto shift = tensors_.contains("shift") ? tensors_.at("shift") : torch::zeros_like(tensors_.at("head.classifier.bias"));
    graph_.node("Add", {x, graph_.constant(shift)}, {}, "logits");
    const auto calibrated = temperature_ == 1 ? "logits" : times("logits", 1 / temperature_);
    graph_.node("Softmax", {calibrated}, {{"axis", int64_t{1}}}, "probabilities");
  }

 private:
  /// x · weightᵀ + bias, weight [out, in]; the form of it that every reader knows.
  std::string linear(const std::string& x, const Tensor& weight, const Tensor& bias) {
    return graph_.node("Gemm", {x, graph_.constant(weight), graph_.constant(bias)}, {{"transB", int64_t{1}}});
  }
  int64_t width(const std::string& name) const { return tensors_.at(name).size(-1); }

  std::string times(const std::string& x, double factor) { return graph_.node("Mul", {x, graph_.constant(factor)}); }
  std::string plus(const std::string& x, double summand) { return graph_.node("Add", {x, graph_.constant(summand)}); }
  std::string positive_part(const std::string& x) { return graph_.node("Relu", {x}); }

  /// x, but at least a small positive number.
  std::string at_least(const std::string& x, double bound) { return plus(positive_part(plus(x, -bound)), bound); }

  /// 1 where x ≥ 0, else 0.
  std::string step(const std::string& x) { return positive_part(plus(times(positive_part(times(x, -1)), -kHuge), 1)); }

  /// [n, 1] -> [n, width].
  std::string repeated(const std::string& column, int64_t width) {
    return linear(column, torch::ones({width, 1}), torch::zeros({width}));
  }

  /// What an operator on all pixels makes of each row [n, width], as pictures of one row: [n, 1].
  std::string of_row(const char* type, const std::string& x, int64_t width) {
    const auto picture = graph_.node("Reshape", {x, graph_.constant(Shape{0, 1, 1, width})});
    return flat(graph_.node(type, {picture}));
  }

  std::string flat(const std::string& x) { return graph_.node("Flatten", {x}, {{"axis", int64_t{1}}}); }

  std::string unit_length(const std::string& x, int64_t width) {
    const auto mean = of_row("GlobalAveragePool", graph_.node("Mul", {x, x}), width);
    const auto length = graph_.node("Sqrt", {times(mean, static_cast<double>(width))});
    return graph_.node("Div", {x, repeated(at_least(length, 1e-12), width)});
  }

  /// How far each gate [n, K] is above the k-th largest of its face; negative for those that are not kept.
  std::string above_bar(const std::string& gates, int64_t experts, int64_t k) {
    auto rest = gates;
    for (int64_t i = 1;; ++i) {
      const auto bar = repeated(of_row("GlobalMaxPool", rest, experts), experts);
      if (i == k) return graph_.node("Sub", {gates, bar});
      rest = graph_.node("Sub", {rest, times(step(graph_.node("Sub", {rest, bar})), kHuge)});
    }
  }

  /// The values [n, K] of a gate in evaluation mode, see GateImpl.
  std::string gate(const std::string& name, const AggregationOptions& level, const std::string& x) {
    const auto gates = linear(x, tensors_.at(name + "w_gate").t(), torch::zeros({level.experts}));
    const auto share = [&](const std::string& logits) { return graph_.node("Softmax", {logits}, {{"axis", int64_t{1}}}); };
    if (level.gate == "dense" || level.top_k >= level.experts) return share(gates);
    const auto above = above_bar(gates, level.experts, level.top_k);
    if (level.gate_value == "all") return graph_.node("Mul", {share(gates), step(above)});
    return share(graph_.node("Sub", {gates, times(positive_part(times(above, -1)), kHuge)}));
  }

  /// K linear layers side by side, x [n, K · in] -> [n, K · out]: a convolution of one pixel in K groups.
  std::string stacked(const std::string& name, const std::string& x) {
    const auto& weight = tensors_.at(name + "weight");  // [K, out, in]
    const int64_t count = weight.size(0), out = weight.size(1), in = weight.size(2);
    const auto pixels = graph_.node("Reshape", {x, graph_.constant(Shape{0, count * in, 1, 1})});
    return flat(graph_.node(
        "Conv",
        {pixels, graph_.constant(weight.reshape({count * out, in, 1, 1})), graph_.constant(tensors_.at(name + "bias").flatten())},
        {{"kernel_shape", Shape{1, 1}}, {"group", count}}));
  }

  /// The same of one x [n, in] for all.
  std::string shared_input(const std::string& name, const std::string& x) {
    return linear(x, tensors_.at(name + "weight").flatten(0, 1), tensors_.at(name + "bias").flatten());
  }

  /// What every expert makes of x [n, D]: [n, K · D].
  std::string experts(const std::string& name, int64_t count, const std::string& x) {
    if (tensors_.contains(name + "linear.weight")) return shared_input(name + "linear.", x);
    const auto inner = stacked(name + "widen.", graph_.node("Relu", {shared_input(name + "narrow.", x)}));
    return graph_.node("Add", {inner, for_each(x, count)});
  }

  /// [n, D] -> [n, K · D], K times the same.
  std::string for_each(const std::string& x, int64_t count) {
    const std::vector<std::string> copies(static_cast<size_t>(count), x);
    return count == 1 ? x : graph_.node("Concat", copies, {{"axis", int64_t{1}}});
  }

  /// [n, K] -> [n, K · width], each number so many times.
  std::string widened(const std::string& gates, int64_t count, int64_t width) {
    const auto pixels = graph_.node("Reshape", {gates, graph_.constant(Shape{0, count, 1, 1})});
    return flat(graph_.node("Conv", {pixels, graph_.constant(torch::ones({count * width, 1, 1, 1}))},
                            {{"kernel_shape", Shape{1, 1}}, {"group", count}}));
  }

  /// What a pooling operator makes of the experts' numbers, [n, K · D] -> [n, D].
  std::string over_experts(const char* type, const std::string& values, int64_t count, int64_t width) {
    const auto picture = graph_.node("Reshape", {values, graph_.constant(Shape{0, 1, count, width})});
    return flat(graph_.node(type, {picture}, {{"kernel_shape", Shape{count, 1}}, {"strides", Shape{1, 1}}}));
  }

  /// The sum over experts, [n, K · D] -> [n, D].
  std::string sum(const std::string& values, int64_t count, int64_t width) {
    return times(over_experts("AveragePool", values, count, width), static_cast<double>(count));
  }

  /// See leaf::log_sum_exp(); `gates`, each for all numbers of its expert, and `experts` are [n, K · D].
  std::string log_sum_exp(const std::string& gates, const std::string& experts, int64_t count, int64_t width) {
    const auto logarithm = graph_.node("Log", {at_least(gates, std::numeric_limits<float>::min())});
    const auto left_out = times(positive_part(plus(times(gates, -kHuge), 1)), kHuge);
    const auto terms = graph_.node("Add", {graph_.node("Sub", {logarithm, left_out}), experts});
    const auto largest = over_experts("MaxPool", terms, count, width);
    const auto shares = graph_.node("Exp", {graph_.node("Sub", {terms, for_each(largest, count)})});
    return graph_.node("Add", {graph_.node("Log", {sum(shares, count, width)}), largest});
  }

  /// What log_sum_exp() gives where the authors' sum is zero.
  std::string floored(const std::string& joined) {
    const double zero = std::log(2.0) * -150, floor = std::log(std::numeric_limits<double>::epsilon());
    return plus(graph_.node("Mul", {plus(joined, -floor), step(plus(joined, -zero))}), floor);
  }

  /// The experts' results [n, K · D] joined by the gates [n, K], which are left out where they are one gate of 1: [n, D].
  std::string join(const std::string& gates, const std::string& experts, int64_t count, int64_t width, bool logarithms) {
    if (gates.empty()) return logarithms ? floored(experts) : experts;
    const auto wide = widened(gates, count, width);
    return logarithms ? floored(log_sum_exp(wide, experts, count, width))
                      : sum(graph_.node("Mul", {wide, experts}), count, width);
  }

  std::string level(const std::string& name, const AggregationOptions& level, const std::string& x) {
    const bool logarithms = level.fusion == "log_sum_exp";
    const auto last = name + (level.expert == "linear" ? "experts.linear." : "experts.widen.") + "weight";
    const int64_t count = level.shared ? 1 : level.experts, width = tensors_.at(last).size(1);
    const auto results = experts(name + "experts.", count, x);
    if (!level.shared) return join(gate(name + "gate.", level, x), results, count, width, logarithms);
    // Experts that are one see the sum of their gates, which is 1 unless the values come from a softmax over all.
    if (level.gate == "dense" || level.gate_value == "kept") return join("", results, count, width, logarithms);
    const auto whole = linear(gate(name + "gate.", level, x), torch::ones({1, level.experts}), torch::zeros({1}));
    return join(whole, results, count, width, logarithms);
  }

  OnnxGraph& graph_;
  Tensors tensors_;
  const ModelOptions& options_;
  const double temperature_;
};

}  // namespace

void add_head(OnnxGraph& graph, const std::string& features, Model& model, const ModelOptions& options, double temperature) {
  HeadWriter(graph, model, options, temperature).write(features);
}

}  // namespace leaf
