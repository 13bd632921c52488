#include "leaf/config/method.h"

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {

/// The ten differences and what follows from them.
const Json& method_presets(std::string_view method) {
  static const Json kPaper = {
      {"model.semantic.shared", false},
      {"model.instance.shared", false},
      {"model.semantic.top_k", 2},
      {"model.instance.top_k", 2},
      {"model.semantic.fusion", "weighted_sum"},
      {"model.instance.fusion", "weighted_sum"},
      {"model.instance_on", "predictions"},
      {"train.passes", "joint"},
      {"average.decay_buffers", false},
      {"average.repeat_shared", false},
      {"train.gate_balance", 1.0},
      {"algorithm.mask", "face"},
      {"algorithm.thresholds", "clean"},
  };
  static const Json kReference = {
      {"model.semantic.shared", true},
      {"model.instance.shared", true},
      {"model.semantic.top_k", 1},
      {"model.instance.top_k", 1},
      {"model.semantic.fusion", "log_sum_exp"},
      {"model.instance.fusion", "log_sum_exp"},
      {"model.instance_on", "features"},
      {"train.passes", "separate"},
      {"average.decay_buffers", true},
      {"average.repeat_shared", true},
      {"train.gate_balance", 0.0},
      {"algorithm.mask", "batch"},
      {"algorithm.thresholds", "loader"},
  };
  if (method == "paper") return kPaper;
  if (method == "reference") return kReference;
  fail_usage("unknown method \"{}\"{}; known: paper, reference", printable(method), did_you_mean(method, {"paper", "reference"}));
}

}  // namespace leaf
