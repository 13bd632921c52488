#pragma once

#include <ATen/autocast_mode.h>
#include <torch/nn/module.h>

#include <string>

#include "leaf/model/options.h"

namespace leaf {

/// What the encoder computes fastest in without losing accuracy: bfloat16 on a GPU and where the processor has instructions for
/// it that may be used, else float32.
std::string quick_precision(torch::DeviceType device = torch::kCPU);

/// What the encoder computes in, float32 or bfloat16: `auto` is quick_precision().
std::string chosen_precision(const ModelOptions& options, torch::DeviceType device = torch::kCPU);

/// Whether the device computes in float32 or bfloat16 at full speed: without instructions for bfloat16 a step takes thirty times
/// as long.
bool is_quick(const std::string& precision, torch::DeviceType device = torch::kCPU);

/// What libtorch is told before it computes on a device. On a GPU: the same bytes for the same input, and products in float32
/// that are those of float32 (not TF32, which keeps ten bits).
void prepare(torch::Device device);

/// Whether oneDNN convolves in bfloat16 on this processor, if slowly: it takes AVX-512.
bool convolves_bfloat16();

/// While it lives, matrix products and convolutions on the device compute in bfloat16; weights and what else needs it stay in
/// float32.
class LowPrecision {
 public:
  explicit LowPrecision(torch::DeviceType device);
  ~LowPrecision();
  LowPrecision(const LowPrecision&) = delete;
  LowPrecision& operator=(const LowPrecision&) = delete;

 private:
  torch::DeviceType device_;
  bool before_;
};

}  // namespace leaf
