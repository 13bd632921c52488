#pragma once

#include <torch/types.h>

#include <cstdint>

namespace leaf {

/// GFLOP/s of oneDNN's product of two n×n matrices in float32 or bfloat16 (where convolves_bfloat16()) on all threads, the best
/// of several: what the speed of a network on the processor is measured against.
double matrix_rate(torch::ScalarType type, int64_t n = 2048);

}  // namespace leaf
