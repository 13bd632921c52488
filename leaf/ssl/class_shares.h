#pragma once

#include <torch/types.h>

namespace leaf {

/// The share of each class among faces without labels, [C], sums to 1: the shares under which a classifier's own predictions of
/// them agree with themselves on average (expectation maximization; Saerens, Latinne and Decaestecker, Neural Computation 2002).
///
/// `logits` [n, C] are the classifier's under the shares `labeled` [C] of the faces that it learned from. A hundredth of the
/// faces is spread evenly beside them, so that no class vanishes. Returns `labeled` for n = 0.
torch::Tensor estimate_shares(const torch::Tensor& logits, const torch::Tensor& labeled);

/// How far a shift [C] of the logits [n, C] is right for faces with these labels [n]: of 0, 1/8, …, 1 the weight that makes the
/// labels most probable. It guards against estimates from a classifier that knows too little yet. 0 for n = 0.
double agreed_weight(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& shift);

}  // namespace leaf
