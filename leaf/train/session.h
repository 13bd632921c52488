#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "leaf/data/dataset.h"
#include "leaf/data/loader.h"
#include "leaf/train/config.h"
#include "leaf/train/observer.h"
#include "leaf/train/run_folder.h"
#include "leaf/train/state.h"

namespace leaf {

/// The configuration that a run is made with: what nobody set follows the recipe (recipe.h), then the algorithm
/// (Description::presets), then the method. With train.views the steps follow from it. Throws UsageError for an unknown algorithm
/// or option of it, and for parts that do not go together.
Config resolved(Config config);

/// Everything that has a gradient: the model and what an algorithm adds to it.
struct Learner : torch::nn::Module {
  Learner(const Model& model, const std::shared_ptr<Algorithm>& algorithm) {
    register_module("model", model);
    register_module("algorithm", algorithm);
  }
};

/// A run that is ready to go: the parts that hang together.
struct Session {
  Config config;
  const Pools& pools;
  RunFolder folder;
  torch::Device device;
  State state;
  std::shared_ptr<Learner> learner;
  std::unique_ptr<Loader> loader;
  Json identity;
};

/// Makes the parts from a configuration that need not be resolved yet; `pools` must outlive it. Nothing is read or written.
/// Throws Error: no labeled face, no CUDA device where one is asked for, and what make_model and make_algorithm throw.
Session make_session(Config config, const Pools& pools, const RunFolder& folder);

/// What the run is about to do.
RunStart start_of(const Session& session);

}  // namespace leaf
