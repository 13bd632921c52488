#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

namespace leaf {

/// Two linear layers with a ReLU between: [n, in] -> [n, out]. Parameters `hidden.…` [in, in] and `output.…` [out, in].
class PerceptronImpl : public torch::nn::Module {
 public:
  PerceptronImpl(int64_t in, int64_t out);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Linear hidden_, output_;
};
TORCH_MODULE(Perceptron);

/// A perceptron whose output has unit length, for contrastive losses (SimCLR's projection head): [n, D] -> [n, dim].
class ProjectionImpl : public PerceptronImpl {
 public:
  using PerceptronImpl::PerceptronImpl;
  torch::Tensor forward(const torch::Tensor& features);
};
TORCH_MODULE(Projection);

/// Three linear layers of `width` with batch normalization and ReLU between (VICReg's expander): [n, in] -> [n, width], n ≥ 2.
class ExpanderImpl : public torch::nn::Module {
 public:
  ExpanderImpl(int64_t in, int64_t width);
  torch::Tensor forward(const torch::Tensor& features);

 private:
  torch::nn::Linear first_, second_, third_;
  torch::nn::BatchNorm1d first_norm_, second_norm_;
};
TORCH_MODULE(Expander);

}  // namespace leaf
