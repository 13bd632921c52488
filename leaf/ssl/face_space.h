#pragma once

#include "leaf/data/dataset.h"
#include "leaf/ssl/options.h"
#include "leaf/views/options.h"

namespace leaf {

/// The plane of the most important eigenfaces of the labeled faces, and how far from it a picture lies: "distance from face
/// space" (Turk and Pentland, Eigenfaces for recognition, Journal of Cognitive Neuroscience 1991). Pictures are views of 16×16
/// gray pixels of mean 0 and length 1. A network's features cannot tell what is no face from a face that it has not met; this
/// can.
class FaceSpace {
 public:
  /// Pictures of labeled faces [L, P], L ≥ 1.
  explicit FaceSpace(const torch::Tensor& labeled);

  /// [n, P] -> [n], in [0, 2].
  torch::Tensor distance(const torch::Tensor& pictures) const;

 private:
  torch::Tensor mean_, eigenfaces_;  ///< [1, P], [k, P] of unit length
};

/// The faces as FaceSpace takes them, [n, 256].
torch::Tensor small_pictures(const Pool& pool, const ViewOptions& views);

/// The unlabeled faces without those that lie farther from face space than `factor` times the `quantile` of the validation faces'
/// distances. Never fewer than one. There must be labeled and validation faces.
Pool within_face_space(const Pool& unlabeled, const Pool& labeled, const Pool& validation, const ViewOptions& views,
                       const OutlierOptions& options);

}  // namespace leaf
