#include "leaf/model/backbone.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

namespace leaf {

Registry<BackboneEntry>& backbones() {
  static Registry<BackboneEntry> registry("backbone");
  return registry;
}

void initialize_convolutions(torch::nn::Module& module) {
  const torch::NoGradGuard no_gradient;
  for (const auto& part : module.modules(/*include_self=*/false)) {
    if (const auto* convolution = part->as<torch::nn::Conv2d>()) {
      torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
    } else if (const auto* normalization = part->as<torch::nn::BatchNorm2d>()) {
      normalization->weight.fill_(1);
      normalization->bias.zero_();
    }
  }
}

void order_channels_last(torch::nn::Module& module) {
  const torch::NoGradGuard no_gradient;
  for (auto& parameter : module.parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

}  // namespace leaf
