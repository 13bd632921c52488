#include "leaf/train/optimizer.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/conv.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <cmath>

#include "leaf/base/error.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

OptimizerOptions options_of(const std::string& kind, double weight_decay = 0) {
  OptimizerOptions options;
  options.kind = kind;
  options.weight_decay = weight_decay;
  return options;
}

/// A linear layer whose weight is large enough for several threads, with the same numbers each time.
torch::nn::Linear layer() {
  torch::manual_seed(5);
  return torch::nn::Linear(200, 300);
}

void give_gradients(torch::nn::Linear& module, int step) {
  torch::manual_seed(100 + step);
  for (auto& parameter : module->parameters()) parameter.mutable_grad() = torch::randn_like(parameter) * (step + 1);
}

/// Five steps with libtorch's optimizer and with ours, and both again for tensors that have no plain loop.
template <typename Theirs>
void expect_equal_steps(const OptimizerOptions& options, const std::function<Theirs(std::vector<torch::Tensor>)>& make,
                        double rate) {
  for (const bool plain : {true, false}) {
    auto ours = layer(), theirs = layer();
    if (!plain) {
      ours->to(torch::kDouble);
      theirs->to(torch::kDouble);
    }
    Optimizer optimizer(*ours, options);
    auto oracle = make(theirs->parameters());
    for (int step = 0; step < 5; ++step) {
      give_gradients(ours, step);
      give_gradients(theirs, step);
      optimizer.step(rate);
      oracle.step();
    }
    EXPECT_TRUE(near(ours->weight.detach(), theirs->weight.detach(), 1e-6)) << plain;
    EXPECT_TRUE(near(ours->bias.detach(), theirs->bias.detach(), 1e-6)) << plain;
  }
}

TEST(Optimizer, AdamEqualsLibtorchs) {
  for (const double decay : {0.0, 0.1}) {
    expect_equal_steps<torch::optim::Adam>(
        options_of("adam", decay),
        [&](auto parameters) { return torch::optim::Adam(parameters, torch::optim::AdamOptions(1e-2).weight_decay(decay)); },
        1e-2);
  }
}

TEST(Optimizer, AdamWEqualsLibtorchs) {
  expect_equal_steps<torch::optim::AdamW>(
      options_of("adamw", 0.3),
      [](auto parameters) { return torch::optim::AdamW(parameters, torch::optim::AdamWOptions(1e-2).weight_decay(0.3)); }, 1e-2);
}

TEST(Optimizer, SgdEqualsLibtorchs) {
  for (const bool nesterov : {true, false}) {
    auto options = options_of("sgd", 5e-3);
    options.nesterov = nesterov;
    expect_equal_steps<torch::optim::SGD>(
        options,
        [&](auto parameters) {
          return torch::optim::SGD(parameters,
                                   torch::optim::SGDOptions(0.03).momentum(0.9).nesterov(nesterov).weight_decay(5e-3));
        },
        0.03);
  }
}

TEST(Optimizer, TreatsAnyMemoryOrderAlike) {
  torch::manual_seed(1);
  torch::nn::Conv2d rows(torch::nn::Conv2dOptions(5, 7, 3)), channels(torch::nn::Conv2dOptions(5, 7, 3));
  copy_state(*rows, *channels);
  channels->weight.set_data(channels->weight.contiguous(torch::MemoryFormat::ChannelsLast));
  Optimizer first(*rows, options_of("adam")), second(*channels, options_of("adam"));
  for (int step = 0; step < 3; ++step) {
    const auto gradient = torch::randn_like(rows->weight);
    rows->weight.mutable_grad() = gradient;
    channels->weight.mutable_grad() = step == 1 ? gradient : gradient.contiguous(torch::MemoryFormat::ChannelsLast);
    first.step(1e-2);
    second.step(1e-2);
  }
  EXPECT_TRUE(near(channels->weight.detach(), rows->weight.detach(), 1e-6));
  EXPECT_FALSE(channels->weight.is_contiguous());
}

TEST(Optimizer, LeavesParametersWithoutGradientAlone) {
  auto module = layer();
  const auto before = module->weight.detach().clone();
  Optimizer optimizer(*module, options_of("adamw", 0.5));
  module->bias.mutable_grad() = torch::ones_like(module->bias);
  optimizer.step(0.1);
  EXPECT_TRUE(torch::equal(module->weight.detach(), before));
  EXPECT_EQ(optimizer.state().at("weight.steps").item<int64_t>(), 0);
  EXPECT_EQ(optimizer.state().at("bias.steps").item<int64_t>(), 1);
  optimizer.zero_grad();
  EXPECT_FALSE(module->bias.grad().defined());
}

TEST(Optimizer, SparesNormalizationsAndBiasesWhenAsked) {
  auto options = options_of("adamw", 0.5);
  options.decay_norm_and_bias = false;
  auto module = layer();
  const auto weight = module->weight.detach().clone(), bias = module->bias.detach().clone();
  Optimizer optimizer(*module, options);
  for (auto& parameter : module->parameters()) parameter.mutable_grad() = torch::zeros_like(parameter);
  optimizer.step(0.1);
  EXPECT_TRUE(near(module->weight.detach(), weight * 0.95));
  EXPECT_TRUE(torch::equal(module->bias.detach(), bias));
}

TEST(Optimizer, ContinuesFromItsState) {
  for (const std::string kind : {"adam", "sgd"}) {
    auto whole = layer(), parts = layer();
    Optimizer optimizer(*whole, options_of(kind)), first(*parts, options_of(kind)), second(*parts, options_of(kind));
    for (int step = 0; step < 4; ++step) {
      give_gradients(whole, step);
      give_gradients(parts, step);
      optimizer.step(1e-2);
      if (step == 2) second.load(first.state());
      (step < 2 ? first : second).step(1e-2);
    }
    EXPECT_TRUE(torch::equal(whole->weight, parts->weight)) << kind;
  }
}

TEST(Optimizer, RefusesTheStateOfAnotherModel) {
  auto module = layer();
  Optimizer optimizer(*module, options_of("adam"));
  auto state = optimizer.state();
  state["other.first"] = torch::zeros({1});
  EXPECT_THROW(optimizer.load(state), Error);
  state = optimizer.state();
  state["bias.first"] = torch::zeros({1});
  EXPECT_THROW(optimizer.load(state), Error);
  state.erase("bias.first");
  EXPECT_THROW(optimizer.load(state), Error);
  EXPECT_THROW(Optimizer(*module, options_of("sgdd")), UsageError);
}

TEST(LearningRate, FollowsItsSchedule) {
  OptimizerOptions options;
  options.learning_rate = 2;
  EXPECT_EQ(learning_rate(options, 7, 10), 2);
  options.warm_up = 4;
  options.schedule = "cosine";
  EXPECT_EQ(learning_rate(options, 0, 14), 0);
  EXPECT_EQ(learning_rate(options, 1, 14), 0.5);
  EXPECT_EQ(learning_rate(options, 4, 14), 2);
  EXPECT_NEAR(learning_rate(options, 9, 14), 2 * std::cos(7 * M_PI / 32), 1e-12);
  options.schedule = "half_cosine";
  EXPECT_NEAR(learning_rate(options, 9, 14), 1, 1e-12);
  EXPECT_NEAR(learning_rate(options, 14, 14), 0, 1e-12);
  options.schedule = "sine";
  EXPECT_THROW(learning_rate(options, 9, 14), UsageError);
}

}  // namespace
}  // namespace leaf
