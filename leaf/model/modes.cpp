#include "leaf/model/modes.h"

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/dropout.h>

#include "leaf/model/gate.h"

namespace leaf {

FrozenStatistics::FrozenStatistics(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    if (part->as<torch::nn::BatchNorm2d>() == nullptr) continue;
    for (const auto& buffer : part->buffers(/*recurse=*/false)) kept_.emplace_back(buffer, buffer.clone());
  }
}

FrozenStatistics::~FrozenStatistics() {
  const torch::NoGradGuard no_gradient;
  for (auto& [buffer, value] : kept_) buffer.copy_(value);
}

Noiseless::Noiseless(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    const bool noisy = part->as<torch::nn::Dropout>() != nullptr || part->as<GateImpl>() != nullptr;
    if (!noisy || !part->is_training()) continue;
    part->eval();
    switched_.push_back(part);
  }
}

Noiseless::~Noiseless() {
  for (const auto& part : switched_) part->train();
}

}  // namespace leaf
