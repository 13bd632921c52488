#pragma once

#include <torch/types.h>

namespace leaf {

/// The share of each class among faces without labels, [C], sums to 1: the shares under which a classifier's own predictions of
/// them agree with themselves on average (expectation maximization; Saerens, Latinne and Decaestecker, Neural Computation 2002).
///
/// `logits` [n, C] are the classifier's under the shares `labeled` [C] of the faces that it learned from. A hundredth of the
/// faces is spread evenly beside them, so that no class vanishes. Returns `labeled` for n = 0.
torch::Tensor estimate_shares(const torch::Tensor& logits, const torch::Tensor& labeled);

/// The shift [C] of the logits [n, C] under which the labels [n] of these faces are most probable, by Newton's method. Faces are
/// few, so the `expected` shift [C] counts as well, half of it since it may be an estimate of a classifier that knows too little
/// yet: as a normal prior with a variance of 1/2, which a few tens of faces outweigh. n = 0: expected / 2.
torch::Tensor agreed_shift(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& expected);

/// The class shift [C] of a model (ModelImpl::shift): agreed_shift() of the validation faces, expecting what estimate_shares()
/// says of the unlabeled ones. Both kinds of logits are unshifted, [n, C] and [m, C] with labels [m]; those of the validation
/// faces are undefined where there are none. `learned` [C] are the class shares that unshifted logits are for.
torch::Tensor class_shift(const torch::Tensor& unlabeled, const torch::Tensor& learned, const torch::Tensor& validation,
                          const torch::Tensor& labels);

}  // namespace leaf
