#pragma once

#include <c10/core/Device.h>
#include <torch/nn/module.h>

#include <memory>

#include "leaf/batches/loader.h"
#include "leaf/config/resolve.h"
#include "leaf/pools/pools.h"
#include "leaf/train/observer.h"
#include "leaf/train/state.h"

namespace leaf {

/// Everything that has a gradient: the model and what an algorithm adds to it.
struct Learner : torch::nn::Module {
  Learner(const Model& model, const std::shared_ptr<Algorithm>& algorithm) {
    register_module("model", model);
    register_module("algorithm", algorithm);
  }
};

/// What is known of the faces before a run begins.
struct Knowledge {
  torch::Tensor taught{};        ///< [faces of the unlabeled pool, C], what a teacher says of them; undefined without one
  torch::Tensor shares{};        ///< [C] class shares that are expected of the unlabeled faces; undefined: those of the labels
  Json record = Json::object();  ///< for people and for a run that is continued
};

/// A run that is ready to go: the parts that hang together.
struct Session {
  LocalConfig config;
  const Pools& pools;
  torch::Device device;
  State state;
  std::shared_ptr<Learner> learner;
  std::unique_ptr<Loader> loader;
  Json identity;  ///< what a checkpoint must have in common with the run that loads it
};

/// Makes the parts; `pools` must outlive them. Nothing is read, written or set; weights come from torch's generator as it stands.
/// A model that is shifted expects the class shares that are known.
/// Throws Error: no labeled face, too few faces for a step, and what make_model and make_algorithm throw.
Session make_session(const LocalConfig& config, const Pools& pools, const Knowledge& known = {});

/// The finished model is to expect every class as often as another, where the shares that its unshifted logits hold are `held`,
/// [C]; a class without a share stays out.
void aim_at_balance(State& state, const torch::Tensor& held);

/// What the run is about to do.
RunStart start_of(const Session& session);

}  // namespace leaf
