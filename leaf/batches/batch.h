#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace leaf {

/// How many views of a face an algorithm asks for.
struct ViewCount {
  int64_t weak = 1;            ///< weak views of an unlabeled face
  int64_t strong = 1;          ///< strong views of an unlabeled face
  int64_t labeled_strong = 0;  ///< strong views of a labeled face, beside its weak one

  /// Views of an unlabeled face.
  int64_t unlabeled() const { return weak + strong; }

  /// Views of one step, for B labeled and U unlabeled faces.
  int64_t total(int64_t labeled_faces, int64_t unlabeled_faces) const {
    return labeled_faces * (1 + labeled_strong) + unlabeled_faces * unlabeled();
  }
};

/// What a step learns from: normalized views, [n, 3, H, W] float32 each.
struct Batch {
  int64_t step = 0;
  torch::Tensor labeled;                      ///< [B, 3, H, W], weak views
  torch::Tensor labels;                       ///< [B] int64
  torch::Tensor targets;                      ///< [B, C], the probabilities voters gave; one-hot where there is one label
  torch::Tensor labeled_faces;                ///< [B] int64, positions in the labeled pool
  std::vector<torch::Tensor> labeled_strong;  ///< k × [B, 3, H, W]
  std::vector<torch::Tensor> weak;            ///< k × [U, 3, H, W]
  std::vector<torch::Tensor> strong;          ///< k × [U, 3, H, W]
  torch::Tensor faces;                        ///< [U] int64, positions in the unlabeled pool
  torch::Tensor taught;                       ///< [U, C], what a teacher says of these faces; undefined without one

  /// The same elsewhere. The copy may go on while the program does, where this is pinned().
  Batch to(torch::Device device) const;
  /// The same in memory that a GPU can read by itself.
  Batch pinned() const;
};

}  // namespace leaf
