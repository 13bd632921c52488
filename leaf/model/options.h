#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// One mixture of experts: the semantic or the instance level (paper, sections 3.2 and 3.3; docs/paper.md, The network). What
/// each option means is said once, in describe().
struct AggregationOptions {
  bool enabled = true;
  int64_t experts = 8;  ///< K
  int64_t top_k = 2;    ///< 1 ≤ k ≤ K; a dense gate ignores it
  std::string gate = "noisy_top_k";
  std::string gate_value = "kept";  ///< all: the kept experts keep their value of the softmax over all
  std::string expert = "residual";
  bool shared = false;
  std::string fusion = "weighted_sum";  ///< as in the paper's figure; log_sum_exp in the authors' code
};

inline void describe(Options& options, const std::string& section, AggregationOptions& level) {
  options.enter(section);
  options.add("enabled", level.enabled, "use this level");
  options.add("experts", level.experts, "number of experts", 1, 1024);
  options.add("top_k", level.top_k, "experts used for each face", 1, 1024);
  options.add("gate", level.gate, "how experts are chosen", {"noisy_top_k", "top_k", "dense"});
  options.add("gate_value", level.gate_value, "softmax over the kept experts or over all", {"kept", "all"});
  options.add("expert", level.expert, "kind of expert", {"linear", "residual"});
  options.add("shared", level.shared, "all experts are one module, as in the authors' code");
  options.add("fusion", level.fusion, "how expert outputs are joined", {"weighted_sum", "log_sum_exp"});
  options.leave();
}

/// The network: encoder, semantic level, unit length, classifier, instance level.
struct ModelOptions {
  std::string backbone = "resnet18";
  std::string stem = "auto";  ///< imagenet: 7×7 stride 2 and pooling; small: 3×3 stride 1
  double dropout = 0.5;
  AggregationOptions semantic;
  AggregationOptions instance;
  std::string instance_on = "predictions";  ///< as in the paper; features, before the classifier, in the authors' code
  bool unit_length = true;
  double scale = 1;  ///< 1 = as published
  bool learn_scale = false;
  bool class_shift = false;
  std::string weights;
  std::string classifier = "auto";  ///< see keep_classifier()
  std::string kernels = "fused";
  std::string precision = "float32";  ///< of matrix products and convolutions; weights stay float32
};

inline void describe(Options& options, ModelOptions& model) {
  options.enter("model");
  options.add("backbone", model.backbone, "encoder");
  options.add("stem", model.stem, "first layers: for large images, for small ones, or by view size (small below 64 pixels)",
              {"auto", "imagenet", "small"});
  options.add("dropout", model.dropout, "dropout on the encoder's features", 0, 0.99);
  options.add("instance_on", model.instance_on, "what the instance level acts on", {"predictions", "features"});
  options.add("unit_length", model.unit_length, "normalize features to unit length");
  options.add("scale", model.scale, "factor on unit-length features before the classifier", 1e-3, 1e3);
  options.add("learn_scale", model.learn_scale, "train that factor");
  options.add("class_shift", model.class_shift,
              "add the logarithm of expected over labeled class shares to the logits; set by imbalance.shares");
  options.add("weights", model.weights,
              "weights that the encoder begins with: a file (see `leaf import`) or the folder of a run; empty = random");
  options.add("classifier", model.classifier,
              "of these weights: kept, or a new one; auto = kept where they are a model that knows every class of the run",
              {"auto", "new", "kept"});
  options.add("kernels", model.kernels, "the encoder's layers on the processor: LEAF's own, or libtorch's", {"fused", "torch"});
  options.add("precision", model.precision,
              "arithmetic of the encoder; auto = bfloat16 where the processor has instructions for it, else float32",
              {"auto", "float32", "bfloat16"});
  describe(options, "semantic", model.semantic);
  describe(options, "instance", model.instance);
  options.leave();
}

}  // namespace leaf
