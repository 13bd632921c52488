#pragma once

#include <torch/types.h>

namespace leaf {

/// What makes the logits of a classifier believable: logits / temperature + bias (bias-corrected temperature scaling; Guo et al.,
/// ICML 2017, and Alexandari et al., ICML 2020).
struct Calibration {
  double temperature = 1;
  torch::Tensor bias;  ///< [C]

  /// [n, C] -> [n, C].
  torch::Tensor apply(const torch::Tensor& logits) const { return logits / temperature + bias; }
};

/// The calibration under which the labels [n] of faces that a classifier did not learn are most probable; `logits` [n, C] are
/// what it says of them. Faces may be few, so that logits as they are count as well, as a normal prior. n = 0: as they are.
Calibration calibrate(const torch::Tensor& logits, const torch::Tensor& labels);

/// The share of each class among faces without labels, [C], sums to 1: the shares under which a classifier's own predictions of
/// them agree with themselves on average (expectation maximization; Saerens, Latinne and Decaestecker, Neural Computation 2002).
///
/// `logits` [n, C] are the classifier's under the shares `labeled` [C] of the faces that it learned from; they must be believable
/// (calibrate): those of faces learned by heart make rare classes too rare. A hundredth of the faces is spread evenly beside
/// them, so that no class vanishes. Returns `labeled` for n = 0.
torch::Tensor estimate_shares(const torch::Tensor& logits, const torch::Tensor& labeled);

/// The class shift [C] of a model (ModelImpl::shift) that expects the class shares `expected` [C] where its unshifted logits are
/// for `learned` [C]: log(expected / learned). A class that hardly any labeled face has counts as a thousandth.
torch::Tensor class_shift(const torch::Tensor& expected, const torch::Tensor& learned);

}  // namespace leaf
