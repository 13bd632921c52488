#include "leaf/model/modes.h"

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/dropout.h>

#include "leaf/model/gate.h"

namespace leaf {

FrozenStatistics::FrozenStatistics(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    auto* const normalization = part->as<torch::nn::BatchNorm2d>();
    if (normalization == nullptr) continue;
    kept_.push_back({part, normalization->options.momentum(), normalization->num_batches_tracked.clone()});
    normalization->options.momentum(0.0);
  }
}

FrozenStatistics::~FrozenStatistics() {
  const torch::NoGradGuard no_gradient;
  for (const auto& kept : kept_) {
    auto* const normalization = kept.part->as<torch::nn::BatchNorm2d>();
    normalization->options.momentum(kept.momentum);
    normalization->num_batches_tracked.copy_(kept.batches);
  }
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
