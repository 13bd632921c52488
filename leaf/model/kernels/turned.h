#pragma once

#include <optional>

#include "leaf/model/kernels/onednn.h"
#include "leaf/model/kernels/shape.h"

namespace leaf {

/// A convolution of stride 1 is the image gradient of another one, whose kernels are turned by 180° and whose inputs and outputs are
/// exchanged; and its image gradient is the forward pass of that. oneDNN has different code for the two, each quicker for other sizes.
class TurnedConvolution {
 public:
  explicit TurnedConvolution(const Shape& shape);

  /// Whether the shape can be turned at all, and what is worth it (oneDNN 2.6 on AVX-512): its forward code fills registers with pixels of
  /// one row, which are too few on small maps; on larger ones it is the newer and quicker code.
  static bool is_faster_forward(const Shape& shape);
  static bool is_faster_backward(const Shape& shape);

  /// images [n, in, H, W] -> result [n, out, H, W], or with `backward` the gradient of the result -> that of the images; `weight` as
  /// always, [out, in, k, k]; all in bfloat16 and channels-last order.
  void forward(const torch::Tensor& images, const torch::Tensor& weight, torch::Tensor& result);
  void backward(const torch::Tensor& gradient, const torch::Tensor& weight, torch::Tensor& result);

 private:
  struct Pass {
    onednn::Reordering weights;
    dnnl::primitive run;
  };
  Pass prepare_forward() const;
  Pass prepare_backward() const;

  dnnl::memory::desc images_, outputs_, turned_, any_;
  dnnl::memory::dims edges_;
  std::optional<Pass> forward_, backward_;  // each prepared when it is first needed
};

}  // namespace leaf
