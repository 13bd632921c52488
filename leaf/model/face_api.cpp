#include "leaf/model/face_api.h"

#include <optional>

namespace leaf {
namespace {

using torch::Tensor;

/// One layer's tensors by the end of their names.
class Layer {
 public:
  Layer(const Tensors& tensors, std::string name) : tensors_(tensors), name_(std::move(name)) {}

  /// Undefined when there is none of so many dimensions.
  Tensor find(const std::string& ending, int64_t dimensions) const {
    const auto found = tensors_.find(name_ + ending);
    return found != tensors_.end() && found->second.dim() == dimensions ? found->second : Tensor();
  }

  /// "dense0/conv1" -> "dense0.conv1".
  std::string torch_name() const {
    auto name = name_;
    for (auto& c : name) c = c == '/' ? '.' : c;
    return name;
  }

 private:
  const Tensors& tensors_;
  std::string name_;
};

/// [kh, kw, in, out] -> [out, in, kh, kw].
Tensor turned(const Tensor& filters) { return filters.permute({3, 2, 0, 1}).contiguous(); }

/// A layer of dlib's network; false when its parts are not there or do not fit.
bool add_scaled(const Layer& layer, Tensors& result) {
  const auto filters = layer.find("/conv/filters", 4), bias = layer.find("/conv/bias", 1),
             factor = layer.find("/scale/weights", 1), summand = layer.find("/scale/biases", 1);
  for (const auto& part : {bias, factor, summand}) {
    if (!filters.defined() || !part.defined() || part.size(0) != filters.size(3)) return false;
  }
  auto weight = turned(filters), offset = bias;
  if (weight.size(1) == 3) {  // reads pictures
    offset = offset + (weight * by_channel(FaceApiInput::kSummand)).sum({1, 2, 3});
    weight = weight * by_channel(FaceApiInput::kFactor);
  }
  result[layer.torch_name() + ".weight"] = weight * factor.reshape({-1, 1, 1, 1});
  result[layer.torch_name() + ".bias"] = offset * factor + summand;
  return true;
}

/// The layer that a name belongs to by its ending, if it has that ending.
std::optional<std::string> without(const std::string& name, std::string_view ending) {
  if (!name.ends_with(ending)) return std::nullopt;
  return name.substr(0, name.size() - ending.size());
}

}  // namespace

Tensor by_channel(const std::array<double, 3>& numbers) {
  return torch::tensor({numbers[0], numbers[1], numbers[2]}, torch::kFloat32).reshape({1, 3, 1, 1});
}

Tensors named_as_in_torch(const Tensors& tensors) {
  auto result = tensors;
  const auto move = [&](const std::string& from, const std::string& to, const Tensor& tensor) {
    result.erase(from);
    result[to] = tensor;
  };
  const auto move_bias = [&](const std::string& layer, const std::string& to) {
    if (const auto bias = Layer(tensors, layer).find("/bias", 1); bias.defined()) move(layer + "/bias", to + ".bias", bias);
  };
  for (const auto& [name, tensor] : tensors) {
    if (const auto scaled = without(name, "/conv/filters")) {
      const bool added = add_scaled({tensors, *scaled}, result);
      if (!added) continue;
      for (const auto* ending : {"/conv/filters", "/conv/bias", "/scale/weights", "/scale/biases"})
        result.erase(*scaled + ending);
    } else if (const auto plain = without(name, "/filters"); plain && tensor.dim() == 4) {
      const auto to = Layer(tensors, *plain).torch_name();
      move(name, to + ".weight", turned(tensor));
      move_bias(*plain, to);
    } else if (const auto depthwise = without(name, "/depthwise_filter"); depthwise && tensor.dim() == 4) {
      move(name, Layer(tensors, *depthwise).torch_name() + ".depthwise.weight", tensor.permute({2, 3, 0, 1}).contiguous());
    } else if (const auto pointwise = without(name, "/pointwise_filter"); pointwise && tensor.dim() == 4) {
      const auto to = Layer(tensors, *pointwise).torch_name() + ".pointwise";
      move(name, to + ".weight", turned(tensor));
      move_bias(*pointwise, to);
    } else if (const auto connected = without(name, "/weights"); connected && tensor.dim() == 2) {
      const auto to = Layer(tensors, *connected).torch_name();
      move(name, to + ".weight", tensor.t().contiguous());
      move_bias(*connected, to);
    }
  }
  return result;
}

std::string usual_backbone(const Tensors& tensors) {
  return tensors.contains("conv32_down/conv/filters") ? "dlib_resnet_128" : "";
}

}  // namespace leaf
