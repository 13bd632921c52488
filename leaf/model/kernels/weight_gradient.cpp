#include "leaf/model/kernels/weight_gradient.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace leaf {

using dnnl::memory;
using onednn::engine;

WeightGradientProduct::WeightGradientProduct(const Shape& shape)
    : shape_(shape), output_(shape.output()), pixels_(output_[0] * output_[2] * output_[3]), columns_(shape.weight[1] * shape.weight[2] * shape.weight[3]) {
  const int64_t out = shape.weight[0];
  const auto type = onednn::type_of(shape.type);
  gradient_ = {{out, pixels_}, type, memory::dims{1, out}};
  patches_ = {{pixels_, columns_}, type, memory::dims{columns_, 1}};
  result_ = {{out, columns_}, memory::data_type::f32, memory::dims{columns_, 1}};
  run_ = dnnl::matmul({{gradient_, patches_, result_}, engine()});
}

bool WeightGradientProduct::is_faster(const Shape& shape) {
  const auto &w = shape.weight, output = shape.output();
  return shape.type == torch::kBFloat16 && !shape.bias && shape.has_channels_last_weights() && w[2] > 1 && w[1] >= 32 && output[2] * output[3] <= (shape.stride == 1 ? 16 : 64);
}

void WeightGradientProduct::run(const torch::Tensor& images, const torch::Tensor& gradient, torch::Tensor& result) {
  auto patches = torch::empty({pixels_, columns_}, images.options());
  write_patches(static_cast<const uint16_t*>(images.data_ptr()), static_cast<uint16_t*>(patches.data_ptr()));
  dnnl::stream stream(engine());
  run_.execute(stream, {{DNNL_ARG_SRC, memory(gradient_, engine(), gradient.data_ptr())},
                        {DNNL_ARG_WEIGHTS, memory(patches_, engine(), patches.data_ptr())},
                        {DNNL_ARG_DST, memory(result_, engine(), result.data_ptr())}});
}

void WeightGradientProduct::write_patches(const uint16_t* images, uint16_t* patches) const {
  const int64_t in = shape_.weight[1], kernel = shape_.weight[2], height = shape_.images[2], width = shape_.images[3];
  at::parallel_for(0, pixels_, 16, [&](int64_t begin, int64_t end) {
    for (int64_t pixel = begin; pixel < end; ++pixel) {
      const int64_t image = pixel / (output_[2] * output_[3]), row = pixel / output_[3] % output_[2], column = pixel % output_[3];
      auto* to = patches + pixel * columns_;
      for (int64_t i = 0; i < kernel * kernel; ++i, to += in) {
        const int64_t y = row * shape_.stride - shape_.padding + i / kernel, x = column * shape_.stride - shape_.padding + i % kernel;
        if (y < 0 || y >= height || x < 0 || x >= width) {
          std::fill_n(to, in, uint16_t{0});
        } else {
          std::copy_n(images + ((image * height + y) * width + x) * in, in, to);
        }
      }
    }
  });
}

}  // namespace leaf
