#include "leaf/ssl/heads.h"

#include "leaf/model/output.h"

namespace leaf {

PerceptronImpl::PerceptronImpl(int64_t in, int64_t out)
    : hidden_(register_module("hidden", torch::nn::Linear(in, in))),
      output_(register_module("output", torch::nn::Linear(in, out))) {}

torch::Tensor PerceptronImpl::forward(const torch::Tensor& x) { return output_(hidden_(x).relu()); }

ExpanderImpl::ExpanderImpl(int64_t in, int64_t width)
    : first_(register_module("first", torch::nn::Linear(in, width))),
      second_(register_module("second", torch::nn::Linear(width, width))),
      third_(register_module("third", torch::nn::Linear(torch::nn::LinearOptions(width, width).bias(false)))),
      first_norm_(register_module("first_norm", torch::nn::BatchNorm1d(width))),
      second_norm_(register_module("second_norm", torch::nn::BatchNorm1d(width))) {}

torch::Tensor ExpanderImpl::forward(const torch::Tensor& features) {
  const auto hidden = first_norm_(first_(features)).relu();
  return third_(second_norm_(second_(hidden)).relu());
}

torch::Tensor ProjectionImpl::forward(const torch::Tensor& features) { return unit_length(PerceptronImpl::forward(features)); }

}  // namespace leaf
