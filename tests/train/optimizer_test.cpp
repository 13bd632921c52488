#include "leaf/train/optimizer.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
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

/// A loss with these gradients.
torch::Tensor loss_of(const std::vector<std::pair<torch::Tensor, torch::Tensor>>& parameters_and_gradients) {
  auto loss = torch::zeros({});
  for (const auto& [parameter, gradient] : parameters_and_gradients) loss = loss + (parameter * gradient).sum();
  return loss;
}

torch::Tensor loss_at(const torch::nn::Linear& module, int step) {
  torch::manual_seed(100 + step);
  std::vector<std::pair<torch::Tensor, torch::Tensor>> pairs;
  for (auto& parameter : module->parameters()) pairs.emplace_back(parameter, torch::randn_like(parameter) * (step + 1));
  return loss_of(pairs);
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
      optimizer.descend(loss_at(ours, step), rate);
      oracle.zero_grad();
      loss_at(theirs, step).backward();
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
    first.descend(loss_of({{rows->weight, gradient}}), 1e-2);
    second.descend(loss_of({{channels->weight, step == 1 ? gradient : gradient.contiguous(torch::MemoryFormat::ChannelsLast)}}),
                   1e-2);
  }
  EXPECT_TRUE(near(channels->weight.detach(), rows->weight.detach(), 1e-6));
  EXPECT_FALSE(channels->weight.is_contiguous());
}

TEST(Optimizer, LeavesParametersWithoutGradientAlone) {
  auto module = layer();
  const auto before = module->weight.detach().clone();
  Optimizer optimizer(*module, options_of("adamw", 0.5));
  optimizer.descend(module->bias.sum(), 0.1);
  EXPECT_TRUE(torch::equal(module->weight.detach(), before));
  EXPECT_EQ(optimizer.state().at("weight.steps").item<int64_t>(), 0);
  EXPECT_EQ(optimizer.state().at("bias.steps").item<int64_t>(), 1);
}

TEST(Optimizer, KeepsNoGradient) {
  auto module = layer();
  Optimizer optimizer(*module, options_of("adam"));
  optimizer.descend(module->weight.square().sum() + module->bias.sum(), 0.1);
  for (const auto& parameter : module->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

/// Several uses of a parameter in one graph make one gradient, by which it is moved once.
TEST(Optimizer, MovesByTheWholeGradient) {
  auto several = layer(), one = layer();
  Optimizer first(*several, options_of("adam")), second(*one, options_of("adam"));
  torch::manual_seed(3);
  const auto x = torch::randn({4, 200});
  first.descend(several(several(x).slice(1, 0, 200)).sin().sum() + several->weight.square().sum(), 1e-2);
  const auto loss = one(one(x).slice(1, 0, 200)).sin().sum() + one->weight.square().sum();
  const auto gradients = torch::autograd::grad({loss}, {one->weight, one->bias});
  second.descend(loss_of({{one->weight, gradients[0]}, {one->bias, gradients[1]}}), 1e-2);
  EXPECT_TRUE(near(several->weight.detach(), one->weight.detach(), 1e-6));
  EXPECT_TRUE(near(several->bias.detach(), one->bias.detach(), 1e-6));
  EXPECT_EQ(first.state().at("weight.steps").item<int64_t>(), 1);
}

TEST(Optimizer, LeavesTheGradientsOfOthersAlone) {
  auto module = layer();
  const auto before = module->weight.detach().clone();
  { Optimizer gone(*module, options_of("adam")); }
  Optimizer optimizer(*module, options_of("adam"));
  module->weight.sum().backward();
  EXPECT_TRUE(torch::equal(module->weight.detach(), before));
  EXPECT_TRUE(module->weight.grad().defined());
}

/// A graph that would go on with the moved weights is an error rather than a wrong gradient.
TEST(Optimizer, RefusesAGraphThatNeedsTheOldValue) {
  auto module = layer();
  Optimizer optimizer(*module, options_of("adam"));
  const auto x = torch::randn({4, 200}).requires_grad_();
  const auto inner = x.sin().matmul(module->weight.detach().t());  // needs the weight after the weight's own gradient
  EXPECT_ANY_THROW(optimizer.descend((inner * module->weight.sum()).sum(), 0.1));
}

TEST(Optimizer, SparesNormalizationsAndBiasesWhenAsked) {
  auto options = options_of("adamw", 0.5);
  options.decay_norm_and_bias = false;
  auto module = layer();
  const auto weight = module->weight.detach().clone(), bias = module->bias.detach().clone();
  Optimizer optimizer(*module, options);
  optimizer.descend(
      loss_of({{module->weight, torch::zeros_like(module->weight)}, {module->bias, torch::zeros_like(module->bias)}}), 0.1);
  EXPECT_TRUE(near(module->weight.detach(), weight * 0.95));
  EXPECT_TRUE(torch::equal(module->bias.detach(), bias));
}

TEST(Optimizer, ContinuesFromItsState) {
  for (const std::string kind : {"adam", "sgd"}) {
    auto whole = layer(), parts = layer();
    Optimizer optimizer(*whole, options_of(kind)), first(*parts, options_of(kind)), second(*parts, options_of(kind));
    for (int step = 0; step < 4; ++step) {
      optimizer.descend(loss_at(whole, step), 1e-2);
      if (step == 2) second.load(first.state());
      (step < 2 ? first : second).descend(loss_at(parts, step), 1e-2);
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
  EXPECT_THROW(Optimizer(*module, options_of("sgdd")), std::logic_error);
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
  EXPECT_THROW(learning_rate(options, 9, 14), std::logic_error);
}

}  // namespace
}  // namespace leaf
