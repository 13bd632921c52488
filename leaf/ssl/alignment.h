#pragma once

#include <torch/types.h>

namespace leaf {

/// Distribution alignment (ReMixMatch; Berthelot et al., ICLR 2020): p · target / mean, normalized; [n, C] -> [n, C]. `target`
/// and `mean` are [C]: what the beliefs should be on average and what they have been.
torch::Tensor align(const torch::Tensor& probabilities, const torch::Tensor& target, const torch::Tensor& mean);

/// An exponential moving average in place, without gradient: mean ← momentum · mean + (1 − momentum) · observation. Where
/// the mean is not a number yet, it starts with the observation. Both have one shape.
void update_mean(torch::Tensor& mean, const torch::Tensor& observation, double momentum);

/// v / Σ v along the last dimension; 0 where the sum is 0.
torch::Tensor normalized(const torch::Tensor& values);

}  // namespace leaf
