#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "leaf/model/kernels/folding.h"

namespace leaf {

/// A convolution prepared to predict: the batch normalization behind it is folded into its weights, the addition of a shortcut
/// and the rectifier are part of the same call (DirectConvolution's in bfloat16 where it serves, else oneDNN's), and the weights
/// lie in the order and type that the call wants.
///
/// In 8 bits a weight is s8 with one scale for each output channel (its largest absolute value is 127). What a layer gives has
/// one scale and is u8 behind ReLU, else s8; numbers beyond its range are cut off. The range is what the normalization says: |β|
/// + 5·|γ| of the largest channel (data-free quantization, Nagel et al., ICCV 2019, who take 6 deviations).
class FoldedConvolution {
 public:
  /// `slope`: of the rectifier below 0; 0 is ReLU, 1 none.
  FoldedConvolution(const torch::nn::Conv2dImpl& convolution, const torch::nn::BatchNorm2dImpl& normalization, double slope);
  ~FoldedConvolution();

  /// rectifier(normalized(convolution(x)) + added). x [n, in, H, W] in channels-last order, float32, bfloat16 or quantized, which
  /// the result [n, out, h, w] then is too. `added`, of the same type and the result's shape, or undefined: its memory becomes
  /// the result's.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& added);

 private:
  struct Call;
  struct Key {
    std::vector<int64_t> images;
    torch::ScalarType type, added;
    double scale, added_scale;
    auto operator<=>(const Key&) const = default;
  };
  std::unique_ptr<Call> prepare(const Key& key);

  torch::Tensor weight_, bias_;  // folded, float32
  double slope_, range_;
  int64_t stride_, padding_;
  std::map<Key, std::unique_ptr<Call>> calls_;
};

/// A network's layers prepared to predict, each when it is first met. They stay as they were then: make a new one when a weight
/// changes. Used by one thread at a time.
class Folded {
 public:
  /// `precision`: float32, bfloat16 or int8. `largest`: absolute value of an image's number, for int8.
  Folded(std::string precision, double largest);

  /// The images as the first layer wants them.
  torch::Tensor input(const torch::Tensor& images) const;

  FoldedConvolution& layer(const torch::nn::Conv2dImpl& convolution, const torch::nn::BatchNorm2dImpl& normalization,
                           double slope);

 private:
  std::string precision_;
  double largest_;
  std::map<const torch::nn::Conv2dImpl*, FoldedConvolution> layers_;
};

}  // namespace leaf
