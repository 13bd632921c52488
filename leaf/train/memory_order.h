#pragma once

#include <torch/types.h>

#include <initializer_list>

namespace leaf {

/// Whether the tensors are float32 on the processor and lie in memory in the same order without gaps, so that one plain loop over
/// their numbers serves them all, whatever that order is.
bool same_dense_order(std::initializer_list<torch::Tensor> tensors);

/// Numbers a thread should get at least, else starting it costs more than it saves.
constexpr int64_t kGrain = 16384;

}  // namespace leaf
