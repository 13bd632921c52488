#include "leaf/model/kernels/weight_gradient.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "leaf/model/kernels/direct.h"

namespace leaf {
namespace {

using torch::Tensor;

/// Of a chunk of the result: what is made of them stays in the cache while every weight reads it.
constexpr int64_t kPixels = 1800;

uint32_t* pairs_of(const Tensor& tensor) { return reinterpret_cast<uint32_t*>(tensor.data_ptr<int32_t>()); }

}  // namespace

bool WeightGradient::serves(const Shape& shape) {
  return direct::take(shape) && shape.weight[0] % direct::kOut == 0 && shape.weight[1] % direct::kIn == 0;
}

WeightGradient::WeightGradient(const Shape& shape) : shape_(shape), output_(shape.output()), pairs_((shape.images[0] + 1) / 2) {
  for (int64_t place = 0; place < shape.weight[2]; ++place) {
    rows_.push_back(met(place, output_[2], shape.images[2]));
    columns_.push_back(met(place, output_[3], shape.images[3]));
  }
}

WeightGradient::Range WeightGradient::met(int64_t place, int64_t results, int64_t inputs) const {
  const int64_t stride = shape_.stride, before = shape_.padding - place;  // result r meets input r · stride − before
  const int64_t begin = before > 0 ? (before + stride - 1) / stride : 0;
  const int64_t end = inputs - 1 + before < 0 ? 0 : std::min(results, (inputs - 1 + before) / stride + 1);
  return {begin, std::max(begin, end), begin * stride - before};
}

WeightGradient::Chunk WeightGradient::chunk(int64_t first_pair, int64_t first_row) const {
  const int64_t rows = std::clamp<int64_t>(kPixels / output_[3], 1, output_[2]),
                pairs = std::clamp<int64_t>(kPixels / (output_[2] * output_[3]), 1, pairs_);
  Chunk chunk{first_pair, std::min(pairs, pairs_ - first_pair), first_row, std::min(rows, output_[2] - first_row), 0, 0};
  chunk.first_source = std::max<int64_t>(0, first_row * shape_.stride - shape_.padding);
  const int64_t end =
      std::min(shape_.images[2], (first_row + chunk.rows - 1) * shape_.stride - shape_.padding + shape_.weight[2]);
  chunk.sources = std::max<int64_t>(0, end - chunk.first_source);
  return chunk;
}

void WeightGradient::run(const Tensor& images, const Tensor& gradient, Tensor& result) const {
  const auto whole = chunk(0, 0);  // none is larger but for rows at the edge, of which the first chunk lacks the padding
  const int64_t sources = std::min(shape_.images[2], whole.sources + shape_.padding);
  auto g = torch::empty({output_[1], whole.pairs, whole.rows, output_[3]}, torch::kInt32),
       x = torch::empty({shape_.images[1], whole.pairs, sources, shape_.images[3]}, torch::kInt32);
  for (int64_t pair = 0; pair < pairs_; pair += whole.pairs) {
    for (int64_t row = 0; row < output_[2]; row += whole.rows) {
      const auto part = chunk(pair, row);
      interleave(gradient, part.first_pair, part.pairs, part.first_row, part.rows, direct::kOut, g);
      interleave(images, part.first_pair, part.pairs, part.first_source, part.sources, direct::kIn, x);
      add(part, g, x, result);
    }
  }
}

/// [channels / block][pairs][rows][width][block] pairs of these rows.
void WeightGradient::interleave(const Tensor& maps, int64_t first_pair, int64_t pairs, int64_t first_row, int64_t rows,
                                int64_t block, Tensor& to) const {
  const int64_t channels = maps.size(1), width = maps.size(3), image = maps.size(2) * width * channels;
  const auto* const from = static_cast<const uint16_t*>(maps.data_ptr());
  at::parallel_for(0, pairs * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = 2 * (first_pair + i / rows);
      const auto* const a = from + first * image + (first_row + i % rows) * width * channels;
      direct::interleave(a, first + 1 < maps.size(0) ? a + image : nullptr, width, channels, block, pairs * rows * width * block,
                         pairs_of(to) + i * width * block);
    }
  });
}

/// Adds what a chunk gives to every weight; the first chunk begins the sums.
void WeightGradient::add(const Chunk& chunk, const Tensor& gradient, const Tensor& images, Tensor& result) const {
  using direct::kIn;
  using direct::kOut;
  const int64_t in = shape_.weight[1], kernel = shape_.weight[2], parts = shape_.weight[0] / kOut, stride = shape_.stride;
  const int64_t width = output_[3], source_width = shape_.images[3];
  const direct::PairSteps g{chunk.rows * width * kOut, width * kOut, kOut},
      x{chunk.sources * source_width * kIn, stride * source_width * kIn, stride * kIn};
  const bool first = chunk.first_pair == 0 && chunk.first_row == 0;
  at::parallel_for(0, in / kIn * parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t to_in = i / parts * kIn, to_out = i % parts * kOut;
      for (int64_t ky = 0; ky < kernel; ++ky) {
        const int64_t row = std::max(rows_[ky].begin, chunk.first_row),
                      end_row = std::min(rows_[ky].end, chunk.first_row + chunk.rows);
        const int64_t source = rows_[ky].source + (row - rows_[ky].begin) * stride - chunk.first_source;
        for (int64_t kx = 0; kx < kernel; ++kx) {
          const auto& column = columns_[kx];
          const bool outside = row >= end_row || column.begin >= column.end;
          if (outside && !first) continue;
          const int64_t at_g = outside ? 0 : ((row - chunk.first_row) * width + column.begin) * kOut,
                        at_x = outside ? 0 : (source * source_width + column.source) * kIn;
          direct::add_products(pairs_of(gradient) + to_out * chunk.pairs * chunk.rows * width + at_g, g,
                               pairs_of(images) + to_in * chunk.pairs * chunk.sources * source_width + at_x, x, chunk.pairs,
                               outside ? 0 : end_row - row, column.end - column.begin, first,
                               result.data_ptr<float>() + (to_out * kernel * kernel + ky * kernel + kx) * in + to_in,
                               kernel * kernel * in);
        }
      }
    }
  });
}

}  // namespace leaf
