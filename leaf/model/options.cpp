#include "leaf/model/options.h"

namespace leaf {
namespace {

void describe(Options& options, const std::string& section, AggregationOptions& level) {
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

}  // namespace

void describe(Options& options, ModelOptions& model) {
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
  options.add("kernels", model.kernels, "the encoder's layers on the processor: LEAF's own, or libtorch's", {"fused", "torch"});
  options.add("precision", model.precision, "arithmetic of the encoder", {"float32", "bfloat16"});
  describe(options, "semantic", model.semantic);
  describe(options, "instance", model.instance);
  options.leave();
}

}  // namespace leaf
