#pragma once

#include <torch/types.h>

#include <cstdint>

namespace leaf {

// Losses as pure functions. n faces, C classes, D features. A loss of each face is [n], a joined one a scalar.

/// −log softmax(logits)_label, [n]. `logits` [n, C]; `labels` [n] int64 in {0, …, C − 1}.
/// With soft targets [n, C]: −Σ_c target_c · log softmax(logits)_c.
torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& targets);

/// The mean of `values` [n] in which faces outside `mask` [n] (bool, or weights) count as 0 but are counted: Σ mask·value / n.
/// What a face outside a bool mask holds, even infinity, has no influence. 0 for n = 0.
torch::Tensor masked_mean(const torch::Tensor& values, const torch::Tensor& mask);

/// Contrastive loss between two views (SimCLR; Chen et al., ICML 2020), a scalar: of all 2n features, each must find the other
/// view of its face by dot products over `temperature`. `first` and `second` are [n, D], usually of unit length; rows outside
/// `mask` [n] bool take no part (an undefined mask: all do). Gradients flow through both views. 0 when no row takes part.
torch::Tensor contrast(const torch::Tensor& first, const torch::Tensor& second, const torch::Tensor& mask, double temperature);

/// How far each number of an embedding falls short of a deviation of 1 over the faces, mean of max(0, 1 − √(variance +
/// 10⁻⁴)), a scalar (VICReg's variance term; Bardes et al., ICLR 2022). [n, D], n ≥ 2.
torch::Tensor deviation_shortfall(const torch::Tensor& embeddings);

/// Σ_{i≠j} covariance_ij² / D over the faces, a scalar: 0 when no two numbers of an embedding vary together (VICReg's
/// covariance term). [n, D], n ≥ 2.
torch::Tensor redundancy(const torch::Tensor& embeddings);

/// KL(target ‖ p) in nats, [n]; `logits` [n, C] of p, `targets` [n, C] probabilities.
torch::Tensor divergence(const torch::Tensor& logits, const torch::Tensor& targets);

/// p^(1/temperature), normalized: [n, C] -> [n, C]. Temperatures below 1 sharpen.
torch::Tensor sharpen(const torch::Tensor& probabilities, double temperature);

/// The entropy of softmax(logits) in nats, [n]; `logits` [n, C].
torch::Tensor entropy(const torch::Tensor& logits);

/// The squared difference of probabilities, mean over classes: [n, C], [n, C] -> [n].
torch::Tensor squared_error(const torch::Tensor& probabilities, const torch::Tensor& targets);

/// min(step / (fraction · total), 1): a weight that grows linearly over the first `fraction` of the run; 1 for fraction = 0.
double linear_ramp(int64_t step, int64_t total, double fraction);

}  // namespace leaf
