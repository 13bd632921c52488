// Numbers made by the authors' implementation: values to 1e-5, gradients to 1e-4.
#include <gtest/gtest.h>

#include "leaf/model/aggregation.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/weights.h"
#include "leaf/ssl/category.h"
#include "leaf/ssl/losses.h"
#include "leaf/ssl/threshold.h"
#include "leaf/train/average.h"
#include "tests/shared.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

constexpr double kGradient = 1e-4;

/// The parts of the names that end with `ending`: "linear.e8.k2" for "linear.e8.k2.x" and ".x".
std::vector<std::string> prefixes(const TensorFile& file, const std::string& ending) {
  std::vector<std::string> result;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.ends_with(ending)) result.push_back(name.substr(0, name.size() - ending.size()));
  }
  return result;
}

/// The parameters of one case, expert by expert in the file, stacked here.
Tensors stacked_parameters(const TensorFile& file, const std::string& name, const AggregationOptions& options) {
  const auto stack = [&](const std::string& part) {
    std::vector<torch::Tensor> parts;
    for (int64_t j = 0; j < options.experts; ++j)
      parts.push_back(file.tensors.at(fmt::format("{}.param.experts.{}.{}", name, j, part)));
    return torch::stack(parts);
  };
  Tensors parameters{{"gate.w_gate", file.tensors.at(name + ".param.w_gate")},
                     {"gate.w_noise", file.tensors.at(name + ".param.w_noise")}};
  if (options.expert == "linear") {
    parameters["experts.linear.weight"] = stack("weight");
    parameters["experts.linear.bias"] = stack("bias");
  } else {
    parameters["experts.narrow.weight"] = stack("fc.0.weight");
    parameters["experts.narrow.bias"] = stack("fc.0.bias");
    parameters["experts.widen.weight"] = stack("fc.2.weight");
    parameters["experts.widen.bias"] = stack("fc.2.bias");
  }
  return parameters;
}

void check_mixture(const TensorFile& file, const std::string& name) {
  const auto golden = [&](const std::string& part) { return file.tensors.at(name + "." + part); };
  AggregationOptions options;
  options.expert = name.starts_with("linear") ? "linear" : "residual";
  options.experts = golden("param.w_gate").size(1);
  options.top_k = std::stoll(name.substr(name.rfind(".k") + 2));
  options.fusion = "log_sum_exp";
  Aggregation level(golden("x").size(1), options);
  ASSERT_TRUE(load_weights(*level, stacked_parameters(file, name, options)).complete());

  level->eval();
  const auto x = golden("x").clone().requires_grad_();
  const auto result = level(x);
  EXPECT_TRUE(near(result.gating.values, golden("eval.gates")));
  EXPECT_TRUE(near(result.gating.load, golden("eval.load")));
  EXPECT_TRUE(near(result.output, golden("eval.y")));
  result.output.sin().sum().backward();
  EXPECT_TRUE(near(x.grad(), golden("eval.grad_x"), kGradient));
  EXPECT_TRUE(near(level->named_parameters()["gate.w_gate"].grad(), golden("eval.grad_w_gate"), kGradient));

  level->train();
  level->zero_grad();
  const auto trained = level(golden("x"), golden("noise"));
  EXPECT_TRUE(near(trained.gating.values, golden("train.gates")));
  EXPECT_TRUE(near(trained.gating.load, golden("train.load")));
  EXPECT_TRUE(near(trained.balance.reshape(1), golden("train.balance_loss")));
  trained.balance.backward();
  EXPECT_TRUE(near(level->named_parameters()["gate.w_gate"].grad(), golden("train.balance_grad_w_gate"), kGradient));
  const auto by_noise = level->named_parameters()["gate.w_noise"].grad();
  EXPECT_TRUE(near(by_noise.defined() ? by_noise : torch::zeros_like(golden("param.w_noise")),
                   golden("train.balance_grad_w_noise"), kGradient));
}

TEST(Golden, MixtureOfExperts) {
  LEAF_NEEDS_SHARED(path, "goldens/mixture_of_experts.safetensors");
  const auto file = read_safetensors(path);
  const auto cases = prefixes(file, ".x");
  ASSERT_FALSE(cases.empty());
  for (const auto& name : cases) {
    SCOPED_TRACE(name);
    check_mixture(file, name);
  }
}

TEST(Golden, CategoryLoss) {
  LEAF_NEEDS_SHARED(path, "goldens/category_loss.safetensors");
  const auto file = read_safetensors(path);
  const auto cases = prefixes(file, ".loss");
  ASSERT_FALSE(cases.empty());
  for (const auto& name : cases) {  // c7.t0.concave.0.9
    SCOPED_TRACE(name);
    const auto logits = name.substr(0, name.find('.', name.find('.') + 1));
    const auto shape = name.substr(logits.size() + 1, name.find('.', logits.size() + 1) - logits.size() - 1);
    CategoryOptions options;
    options.weight = shape;
    options.mass = std::stod(name.substr(logits.size() + shape.size() + 2));
    options.max_positive = std::stoll(file.metadata.at("k"));

    const auto strong = file.tensors.at(logits + ".strong_logits").clone().requires_grad_();
    const auto labels = ambiguous_labels(file.tensors.at(logits + ".weak_logits").softmax(1), options);
    const auto loss = ambiguous_loss(strong, labels);
    EXPECT_TRUE(near(loss, file.tensors.at(name + ".loss")));
    EXPECT_TRUE(near(labels.weight, file.tensors.at(name + ".weight")));
    (loss * labels.weight).mean().backward();
    EXPECT_TRUE(near(strong.grad(), file.tensors.at(name + ".grad"), kGradient));
  }
}

TEST(Golden, ContrastiveLoss) {
  LEAF_NEEDS_SHARED(path, "goldens/contrastive_loss.safetensors");
  const auto file = read_safetensors(path);
  const auto cases = prefixes(file, ".features");
  ASSERT_FALSE(cases.empty());
  for (const auto& name : cases) {
    SCOPED_TRACE(name);
    const auto views = file.tensors.at(name + ".features").clone().requires_grad_();
    const auto loss = contrast(views.select(1, 0), views.select(1, 1), {}, std::stod(file.metadata.at("temperature")));
    EXPECT_TRUE(near(loss.reshape(1), file.tensors.at(name + ".loss")));
    loss.backward();
    EXPECT_TRUE(near(views.grad(), file.tensors.at(name + ".grad"), kGradient));
  }
}

TEST(Golden, AdaptiveThreshold) {
  LEAF_NEEDS_SHARED(path, "goldens/adaptive_threshold.safetensors");
  const auto file = read_safetensors(path);
  const auto cases = prefixes(file, ".thresholds");
  ASSERT_FALSE(cases.empty());
  for (const auto& name : cases) {
    SCOPED_TRACE(name);
    const auto golden = [&](const std::string& part) { return file.tensors.at(name + "." + part); };
    AdaptiveThreshold threshold(golden("logits").size(1));
    threshold->update(golden("logits").softmax(1), golden("targets"), std::stoll(name.substr(name.rfind("epoch") + 5)));
    EXPECT_TRUE(near(threshold->values(), golden("thresholds")));
    EXPECT_TRUE(torch::equal(threshold->accept(golden("mask.probs")).to(torch::kFloat32), golden("mask.keep")));
  }
}

/// A module with the tensor `value`.
torch::nn::Module module_of(const torch::Tensor& value) {
  torch::nn::Module module;
  module.register_parameter("value", value.clone());
  return module;
}

TEST(Golden, MovingAverage) {
  LEAF_NEEDS_SHARED(path, "goldens/ema.safetensors");
  const auto file = read_safetensors(path);
  auto module = module_of(file.tensors.at("param0")), average = module_of(file.tensors.at("ema0"));
  AverageOptions options;
  options.decay = std::stod(file.metadata.at("decay"));
  MovingAverage moving(module, average, options);
  for (int step = 1; step <= 3; ++step) {
    moving.update(0.0005, 0);
    EXPECT_TRUE(near(module.named_parameters()["value"].detach(), file.tensors.at(fmt::format("param{}", step)), 1e-7));
    EXPECT_TRUE(near(average.named_parameters()["value"].detach(), file.tensors.at(fmt::format("ema{}", step)), 1e-6));
  }
}

}  // namespace
}  // namespace leaf
