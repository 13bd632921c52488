#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "leaf/base/registry.h"
#include "leaf/model/pass.h"

namespace leaf {

/// An encoder: from images to maps of features, without pooling and classifier.
class Backbone : public torch::nn::Module {
 public:
  /// [n, 3, H, W] -> [n, width(), h, w].
  virtual torch::Tensor forward(const torch::Tensor& images, const Pass& pass) = 0;
  /// D, the channels of the map.
  virtual int64_t width() const = 0;
};

/// How to make one, with weights from torch's generator.
struct BackboneEntry {
  std::string summary;  ///< one line for lists
  bool has_stems;       ///< whether there are first layers of two kinds; else `stem` is not used
  std::function<std::shared_ptr<Backbone>(const std::string& stem)> make;  ///< stem is "imagenet" or "small"
  int64_t smallest = 1;                                                    ///< height and width of a view, pixels
  bool keeps_size = false;  ///< without stems: whether its first layers keep height and width, as small images need it
};

/// The encoders by name. Each registers itself in its file under backbones/.
Registry<BackboneEntry>& backbones();

/// Kaiming's normal initialization by the fan out (He et al., ICCV 2015) for every convolution; 1 and 0 for every
/// normalization. Biases of convolutions stay as they are.
void initialize_convolutions(torch::nn::Module& module);

/// Keeps the weights of convolutions in channels-last order, which the processor's kernels like: the shapes and values that
/// others see do not change.
void order_channels_last(torch::nn::Module& module);

}  // namespace leaf
