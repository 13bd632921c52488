#pragma once

#include <torch/nn/modules/dropout.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "leaf/model/backbone.h"
#include "leaf/model/head.h"
#include "leaf/model/options.h"
#include "leaf/model/output.h"

namespace leaf {

/// The whole network: encoder, dropout, head. Parameters: `backbone.…` and `head.…`.
class ModelImpl : public torch::nn::Module {
 public:
  ModelImpl(std::shared_ptr<Backbone> backbone, int64_t classes, const ModelOptions& options);

  /// Normalized images [n, 3, H, W] -> logits [n, C], features [n, D], map [n, D, h, w].
  Output forward(const torch::Tensor& images);

  /// Each view [n_i, 3, H, W] through the network. Joint: as one batch, whose batch statistics and gates' balance are those of
  /// all views together. Else as if one pass came after the other, as the authors do; the running statistics then follow the
  /// first `followed` views. Where LEAF's kernels are used the encoder sees all views at once in both cases.
  std::vector<Output> forward_all(const std::vector<torch::Tensor>& views, bool joint, size_t followed = SIZE_MAX);

  /// From now on passes in evaluation mode without gradients only predict, on the processor: batch normalization is folded into
  /// the convolutions, which compute in `precision` (float32, bfloat16 or int8; `largest` is the largest absolute value of an
  /// image). Weights that change afterwards need another call. Throws UsageError where the processor cannot.
  void fold(const std::string& precision, double largest);

  /// The encoder, whose weights may come from elsewhere.
  Backbone& encoder() { return *backbone_; }

  /// D, the width of the features.
  int64_t width() const { return backbone_->width(); }

  /// [C], what is added to the logits: log(expected share / share among the labels) of each class; 0 before anything is known.
  /// Undefined without `class_shift`.
  torch::Tensor shift() const { return shift_; }

  /// Logits for the class shares that the model expects, from unshifted ones [n, C]: themselves without `class_shift`.
  torch::Tensor shifted(const torch::Tensor& unshifted) const;

  /// Operations of the encoder's convolutions for one image of that size; a multiplication and an addition are two.
  double operations(int64_t size);

  /// The layers of the encoder as it predicts in float32, for images [1, 3, size, size] on the processor: the first reads them,
  /// the last gives the map. Throws Error where something happened to them that no layer of layers.h has told.
  LayerRecords record(int64_t size);

  /// See ExpressionHead::listings(); names as in this module.
  std::map<std::string, int64_t> listings() const;

 private:
  bool is_fused(const torch::Tensor& images) const;
  torch::Tensor encode(const torch::Tensor& images, Pass pass);  // [n, D, h, w]
  Output judge(const torch::Tensor& map);

  bool low_precision_, fused_;
  std::shared_ptr<Backbone> backbone_;
  torch::nn::Dropout dropout_{nullptr};
  ExpressionHead head_{nullptr};
  torch::Tensor shift_;  ///< buffer
  std::shared_ptr<Folded> folded_;
};
TORCH_MODULE(Model);

/// The first layers that make_model() chooses, "imagenet" or "small"; "" for a backbone with one kind of them.
std::string chosen_stem(const ModelOptions& options, int64_t view_size);

/// The network that `options` describe, with weights from torch's generator, for `classes` expressions (at least 2) and views
/// of `view_size` pixels, which decides the stem `auto`: small below 64. Throws UsageError: unknown backbone, options that
/// cannot be meant together. With `head_numbers`, what a file carries of the head, Error where the options ask for more, before
/// that is made.
Model make_model(const ModelOptions& options, int64_t classes, int64_t view_size,
                 std::optional<int64_t> head_numbers = std::nullopt);

/// What a view costs an encoder in memory: its pixels, sixteen times as many where the first layers keep their number.
int64_t view_cost(const ModelOptions& options, int64_t view_size);

}  // namespace leaf
