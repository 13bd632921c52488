#pragma once

#include <torch/types.h>

#include "leaf/ssl/options.h"

namespace leaf {

/// A pseudo-label that names several classes: what two views of an unlabeled face agree on (paper, section 3.4).
struct AmbiguousLabels {
  torch::Tensor positive;  ///< [n, C] bool: the face may show these expressions; at least one, never all
  torch::Tensor weight;    ///< [n] in [0, 1]: how clearly the positive classes stand out
};

/// The positive classes of each face and its weight, from probabilities [n, C]; no gradient. With r sorted downwards and
/// c_i = r_0 + … + r_i, there are m = min{i ≥ 1 : c_i ≥ T} positive classes, at most k, and the weight is a function of
/// a = c_m / (m + 1) and d = r_m. With `counting = positives_only`: m = min{i ≥ 1 : c_(i−1) ≥ T}, a = c_(m−1) / m.
/// Throws UsageError when there are fewer than k + 1 classes.
AmbiguousLabels ambiguous_labels(const torch::Tensor& probabilities, const CategoryOptions& options);

/// softplus(logsumexp over positive (−s) + logsumexp over negative (s)) for each face, [n]: small when every positive class
/// has a larger logit than every negative one. `logits` is [n, C]; stable for any finite logit.
torch::Tensor ambiguous_loss(const torch::Tensor& logits, const AmbiguousLabels& labels);

/// β·w·ℓ of each face, [n]: the ambiguous loss of `logits` [n, C] with the faces' weights, brought to the mean of `single`
/// [n], the cross entropy against one class (paper, section 3.4).
torch::Tensor category_loss(const torch::Tensor& logits, const AmbiguousLabels& labels, const torch::Tensor& single);

/// β, the constant that gives `loss` [n] the mean of `reference` [n]: mean(reference) / mean(loss), without gradient.
/// 0 for n = 0, finite when the mean of `loss` is 0.
torch::Tensor balance_factor(const torch::Tensor& reference, const torch::Tensor& loss);

}  // namespace leaf
