#pragma once

#include <torch/types.h>

#include "leaf/model/kernels/direct_loops.h"
#include "leaf/model/kernels/shape.h"

namespace leaf {

/// What all of the loops ask of a convolution: bfloat16, kernels in channels-last order, a processor that runs them.
namespace direct {
bool take(const Shape& shape);
}

/// A convolution in bfloat16, or its gradient towards the images, by LEAF's own loops. They compute a pixel of
/// eight images at once, so that what the kernel meets outside of the pictures, the same for all eight, is left out: a tenth of
/// the work on maps of 14×14 pixels, a third on 4×4, more than half on 2×2. Where images have few channels, as the first
/// layer's do, a row of the kernel is one place with the channels of all its pixels.
class DirectConvolution {
 public:
  enum class Pass { kForward, kImageGradient };

  /// Whether the loops take the shape, its channels fill registers and there are enough images.
  static bool serves(const Shape& shape, Pass pass);

  DirectConvolution(const Shape& shape, Pass pass);

  /// Weights [out, in, k, k], bfloat16 in channels-last order, in the order in which the loops read them.
  torch::Tensor pack(const torch::Tensor& weight) const;

  /// Forward: images [n, in, H, W] -> result [n, out, h, w]. Gradient: that of the result -> that of the images. All in bfloat16
  /// and channels-last order.
  void run(const torch::Tensor& source, const torch::Tensor& packed, torch::Tensor& result,
           const direct::Ending& ending = {}) const;

 private:
  torch::Tensor padded(const torch::Tensor& images) const;
  torch::Tensor flattened(const torch::Tensor& weight) const;

  const Pass pass_;
  const Shape shape_;
  direct::Convolution loops_;
};

}  // namespace leaf
