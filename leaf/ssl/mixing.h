#pragma once

#include <torch/types.h>

namespace leaf {

/// Faces that are two faces at once.
struct Mixture {
  torch::Tensor views;    ///< [n, 3, H, W]
  torch::Tensor targets;  ///< [n, C] probabilities
};

/// MixMatch's form of mixup (Zhang et al., ICLR 2018; Berthelot et al., NeurIPS 2019): λ·x + (1 − λ)·x′ of the views
/// and of the targets, x′ being a random permutation of x, with one λ ~ Beta(alpha, alpha) for all, raised to at least ½ so
/// that each mixture stays nearer to the face in its place. Draws λ, then the permutation, from torch's generator. No gradient
/// reaches the targets.
Mixture mixup(const torch::Tensor& views, const torch::Tensor& targets, double alpha);

/// Each view turned left by its number of quarters: [n, 3, s, s], [n] int64 in {0, 1, 2, 3} -> [n, 3, s, s].
torch::Tensor turned(const torch::Tensor& views, const torch::Tensor& quarters);

}  // namespace leaf
