#pragma once

#include <torch/types.h>

namespace leaf {

/// libtorch's functions with gradients take no undefined tensors.
using MaybeTensor = c10::optional<torch::Tensor>;

/// Images in channels-last order, which every kernel here works on; undefined stays so.
inline torch::Tensor channels_last(const torch::Tensor& images) {
  return images.defined() ? images.contiguous(torch::MemoryFormat::ChannelsLast) : images;
}

}  // namespace leaf
