#pragma once

#include "leaf/model/kernels/onednn.h"
#include "leaf/model/kernels/shape.h"

namespace leaf {

/// The gradient of a convolution's weights as one matrix product: [out, pixels] × [pixels, k · k · in], which lies in memory as
/// weights in channels-last order do. The right matrix, the pixels under the kernel at each place, is written out, so it has to be
/// small.
class WeightGradientProduct {
 public:
  explicit WeightGradientProduct(const Shape& shape);

  /// Where oneDNN's own way is slow: maps of few pixels under many weights, in bfloat16, weights in channels-last order.
  static bool is_faster(const Shape& shape);

  /// Images and the gradient of the output in bfloat16 and channels-last order; writes the whole `result`, float32.
  void run(const torch::Tensor& images, const torch::Tensor& gradient, torch::Tensor& result);

 private:
  void write_patches(const uint16_t* images, uint16_t* patches) const;

  Shape shape_;
  std::vector<int64_t> output_;
  int64_t pixels_, columns_;
  dnnl::memory::desc gradient_, patches_, result_;
  dnnl::matmul run_;
};

}  // namespace leaf
