#pragma once

#include <torch/types.h>

#include "leaf/model/kernels/direct_loops.h"
#include "leaf/model/kernels/shape.h"

namespace leaf {

/// The gradient of a convolution's weights in bfloat16 by LEAF's own loops. Pixels of two images at the same place make a pair,
/// so that every place of the kernel reads the same pairs, and what lies outside of the pictures is left out.
class WeightGradient {
 public:
  /// Whether the loops take the shape and its channels fill registers.
  static bool serves(const Shape& shape);

  explicit WeightGradient(const Shape& shape);

  /// Images [n, in, H, W] and the gradient of the output [n, out, h, w] in bfloat16 and channels-last order; writes the whole
  /// `result` [out, in, k, k], float32 in channels-last order.
  void run(const torch::Tensor& images, const torch::Tensor& gradient, torch::Tensor& result) const;

 private:
  /// Results [begin, end) along one direction that a place of the kernel meets a pixel for, and the pixel of the first.
  struct Range {
    int64_t begin, end, source;
  };
  /// Pairs of images and rows of the result, and the rows of the images that they need.
  struct Chunk {
    int64_t first_pair, pairs, first_row, rows, first_source, sources;
  };

  Range met(int64_t place, int64_t results, int64_t inputs) const;
  Chunk chunk(int64_t first_pair, int64_t first_row) const;
  void interleave(const torch::Tensor& maps, int64_t first_pair, int64_t pairs, int64_t first_row, int64_t rows, int64_t block,
                  torch::Tensor& to) const;
  void add(const Chunk& chunk, const torch::Tensor& gradient, const torch::Tensor& images, torch::Tensor& result) const;

  const Shape shape_;
  const std::vector<int64_t> output_;
  const int64_t pairs_;                ///< of images; the last may lack its second
  std::vector<Range> rows_, columns_;  ///< for each row and column of the kernel
};

}  // namespace leaf
