#pragma once

#include <ATen/autocast_mode.h>
#include <torch/nn/module.h>

#include <string>

namespace leaf {

/// What the encoder computes fastest in on this processor without losing accuracy: bfloat16 where it has instructions for it,
/// else float32.
std::string quick_precision();

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
