#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "leaf/ssl/options.h"

namespace leaf {

/// Mean cosine distance (1 − cosine, in [0, 2]) of each face to its `neighbors` nearest labeled ones, or to all of them when
/// there are fewer: features [n, D], labeled [L, D], L ≥ 1 -> [n].
torch::Tensor distance_to_labeled(const torch::Tensor& features, const torch::Tensor& labeled, int64_t neighbors);

/// Tells unlabeled faces that lie far from every labeled one: another kind of picture, no face at all. How far is far is
/// measured on held-out faces of the data set: the labeled ones themselves are learned by heart and lie close together. What it
/// remembers are the buffers `labeled` [L, D] and `limit`, infinite until the first fit.
class OutlierFilterImpl : public torch::nn::Module {
 public:
  OutlierFilterImpl(int64_t labeled_faces, int64_t width, const OutlierOptions& options);

  /// Features [L, D] of the labeled faces and [V, D] of held-out ones, V ≥ 1, by one network in evaluation mode.
  void fit(const torch::Tensor& labeled, const torch::Tensor& held_out);

  /// Positions of the faces [n, D] to keep, ascending: those no farther than the limit and, whatever that is, the nearest quarter
  /// (at least two), so that a step has faces to learn from.
  torch::Tensor kept(const torch::Tensor& features) const;

 private:
  OutlierOptions options_;
  torch::Tensor labeled_, limit_;
};
TORCH_MODULE(OutlierFilter);

}  // namespace leaf
