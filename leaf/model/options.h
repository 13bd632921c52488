#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// One mixture of experts: the semantic or the instance level (paper, sections 3.2 and 3.3; spec, section 1).
struct AggregationOptions {
  bool enabled = true;
  int64_t experts = 8;                  ///< K
  int64_t top_k = 2;                    ///< experts used for each face, 1 ≤ k ≤ K; ignored by a dense gate
  std::string gate = "noisy_top_k";     ///< noisy_top_k, top_k (no noise) or dense (softmax over all experts)
  std::string gate_value = "kept";      ///< softmax over the kept experts, or over "all" of which the kept ones keep their value
  std::string expert = "residual";      ///< linear or residual
  bool shared = false;                  ///< all K entries are one module, as in the authors' code
  std::string fusion = "weighted_sum";  ///< weighted_sum (the paper's figure) or log_sum_exp (the authors' code)
};

/// The network: encoder, semantic level, unit length, classifier, instance level.
struct ModelOptions {
  std::string backbone = "resnet18";
  std::string stem = "auto";  ///< imagenet (7×7 stride 2 and pooling), small (3×3 stride 1), or auto by view size
  double dropout = 0.5;       ///< on the encoder's features
  AggregationOptions semantic;
  AggregationOptions instance;
  std::string instance_on = "predictions";  ///< predictions (paper) or features (authors' code: before the classifier)
  bool unit_length = true;                  ///< L2-normalize the features that feed the classifier and the contrastive loss
  double scale = 1;                         ///< factor on unit-length features before the classifier; 1 = as published
  bool learn_scale = false;                 ///< train the factor
  bool class_shift = false;  ///< keep log(expected class share / share among labels) and add it to the logits (imbalance.shares)
  std::string weights;       ///< the encoder begins with these: a file, or a run of training or pretraining; "" = random
  std::string kernels = "fused";      ///< the encoder's layers on the processor: LEAF's own (fused) or libtorch's (torch)
  std::string precision = "float32";  ///< float32 or bfloat16 (matrix products and convolutions; weights stay float32)
};
void describe(Options& options, ModelOptions& model);

}  // namespace leaf
