#include "leaf/ssl/heads.h"

#include "leaf/model/output.h"

namespace leaf {

PerceptronImpl::PerceptronImpl(int64_t in, int64_t out)
    : hidden_(register_module("hidden", torch::nn::Linear(in, in))), output_(register_module("output", torch::nn::Linear(in, out))) {}

torch::Tensor PerceptronImpl::forward(const torch::Tensor& x) { return output_(hidden_(x).relu()); }

torch::Tensor ProjectionImpl::forward(const torch::Tensor& features) { return unit_length(PerceptronImpl::forward(features)); }

}  // namespace leaf
