#include "leaf/model/aggregation.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/linear.h>

#include <limits>

#include "leaf/base/error.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

AggregationOptions small(int64_t experts = 5, int64_t top_k = 2) {
  AggregationOptions options;
  options.experts = experts;
  options.top_k = top_k;
  return options;
}

void randomize(torch::nn::Module& module) {
  const torch::NoGradGuard no_gradient;
  for (auto& parameter : module.parameters()) parameter.normal_();
}

TEST(Gate, KeepsTheLargestAndSharesOneAmongThem) {
  torch::manual_seed(1);
  Gate gate(6, small());
  randomize(*gate);
  for (const bool training : {true, false}) {
    gate->train(training);
    const auto values = gate(torch::randn({9, 6})).values;
    EXPECT_TRUE(near(values.sum(1), torch::ones({9})));
    EXPECT_TRUE(torch::equal((values > 0).sum(1), torch::full({9}, 2)));
  }
}

TEST(Gate, DrawsNoiseOnlyWhileTraining) {
  torch::manual_seed(1);
  const auto x = torch::randn({9, 6});
  for (const auto& [kind, training, varies] :
       {std::tuple{"noisy_top_k", true, true}, {"noisy_top_k", false, false}, {"top_k", true, false}, {"dense", true, false}}) {
    auto options = small();
    options.gate = kind;
    Gate gate(6, options);
    gate->train(training);
    EXPECT_NE(torch::equal(gate(x).values, gate(x).values), varies) << kind << " " << training;
    EXPECT_EQ(gate->named_parameters().contains("w_noise"), std::string(kind) == "noisy_top_k");
  }
}

TEST(Gate, StartsAtZero) {
  Gate gate(6, small());
  for (const auto& parameter : gate->parameters()) EXPECT_TRUE(torch::equal(parameter, torch::zeros({6, 5})));
}

TEST(Gate, ValuesFromAllExpertsKeepTheirSoftmax) {
  torch::manual_seed(1);
  auto options = small();
  options.gate_value = "all";
  options.gate = "top_k";
  Gate gate(6, options);
  randomize(*gate);
  const auto x = torch::randn({9, 6});
  const auto all = x.mm(gate->named_parameters()["w_gate"]).softmax(1);
  const auto values = gate(x).values;
  EXPECT_TRUE(near(values, torch::where(values > 0, all, torch::zeros_like(all))));
  EXPECT_TRUE(near(values.sum(1), std::get<0>(all.topk(2, 1)).sum(1)));
}

TEST(Gate, ExpectsTheLoadThatNewNoiseWouldGive) {
  torch::manual_seed(1);
  Gate gate(6, small(4, 1));
  randomize(*gate);
  const auto x = torch::randn({1, 6}).expand({20000, 6}) * 0.3;
  const auto gating = gate(x);  // Monte Carlo: one face, many draws
  EXPECT_TRUE(near(gating.load / 20000, (gating.values > 0).to(torch::kFloat32).mean(0), 0.02));
}

TEST(Gate, AllExpertsOrNoNoiseMeansALoadThatIsCounted) {
  Gate gate(6, small(4, 4));
  EXPECT_TRUE(torch::equal(gate(torch::randn({7, 6})).load, torch::full({4}, 7.0)));
  auto options = small(4, 2);
  options.gate = "dense";
  Gate dense(6, options);
  EXPECT_TRUE(torch::equal(dense(torch::randn({7, 6})).load, torch::full({4}, 7.0)));
}

TEST(Gate, RefusesMoreThanItHas) {
  EXPECT_THROW(Gate(6, small(4, 5)), UsageError);
  EXPECT_THROW(Gate(6, small(4, 0)), UsageError);
}

TEST(BalanceLoss, IsZeroForEvenUseAndForOneExpert) {
  EXPECT_NEAR(balance_loss({torch::full({6, 3}, 1.0 / 3), torch::full({3}, 2.0)}).item<double>(), 0, 1e-9);
  EXPECT_EQ(balance_loss({torch::ones({6, 1}), torch::full({1}, 6.0)}).item<double>(), 0);
  // One of two experts does everything: var = 1/2·(2·9) = 18, mean = 3, cv² = 2 for importance and load each.
  EXPECT_NEAR(balance_loss({torch::tensor({{1.0, 0.0}}).expand({6, 2}), torch::tensor({6.0, 0.0})}).item<double>(), 0.04, 1e-6);
}

TEST(Experts, EqualALoopOverExperts) {
  namespace F = torch::nn::functional;
  torch::manual_seed(1);
  const auto x = torch::randn({4, 7});
  for (const std::string kind : {"linear", "residual"}) {
    auto options = small();
    options.expert = kind;
    Experts experts(7, options);
    const auto all = experts(x);
    ASSERT_EQ(all.sizes(), torch::IntArrayRef({4, 5, 7}));
    const auto p = experts->named_parameters();
    for (int64_t j = 0; j < 5; ++j) {
      const auto linear = [&](const std::string& name, const torch::Tensor& v) {
        return F::linear(v, p[name + ".weight"][j], p[name + ".bias"][j]);
      };
      const auto expected = kind == "linear" ? linear("linear", x) : x + linear("widen", linear("narrow", x).relu());
      EXPECT_TRUE(near(all.select(1, j), expected)) << kind << j;
    }
  }
}

TEST(Experts, AreOneModuleWhenShared) {
  auto options = small();
  options.shared = true;
  Experts experts(7, options);
  EXPECT_EQ(experts->named_parameters()["narrow.weight"].sizes(), torch::IntArrayRef({1, 3, 7}));
  EXPECT_EQ(experts(torch::randn({4, 7})).sizes(), torch::IntArrayRef({4, 1, 7}));
}

TEST(Experts, HaveAHiddenUnitEvenForOneNumber) {
  EXPECT_EQ(Experts(1, small())(torch::ones({2, 1})).sizes(), torch::IntArrayRef({2, 5, 1}));
}

TEST(LogSumExp, EqualsItsDefinition) {
  torch::manual_seed(1);
  const auto gates = torch::tensor({{0.25, 0.0, 0.75}, {0.0, 1.0, 0.0}});
  const auto experts = torch::randn({2, 3, 4});
  EXPECT_TRUE(near(log_sum_exp(gates, experts), (gates.unsqueeze(2) * experts.exp()).sum(1).log()));
}

TEST(LogSumExp, NeitherOverflowsNorLosesGradients) {
  const auto gates = torch::tensor({{0.5, 0.5, 0.0}}).requires_grad_();
  const auto experts =
      torch::tensor({{{1e4, 89.0, -50.0}, {1e4, 89.0, -60.0}, {3e4, 90.0, 1e4}}}, torch::kFloat32).requires_grad_();
  const auto joined = log_sum_exp(gates, experts);
  EXPECT_TRUE(near(joined, torch::tensor({{1e4, 89.0, -50.0 + std::log(0.5 * (1 + std::exp(-10.0)))}}, torch::kFloat32)));
  joined.sum().backward();
  EXPECT_TRUE(torch::isfinite(gates.grad()).all().item<bool>());
  EXPECT_TRUE(near(experts.grad().sum(1), torch::ones({1, 3}), 1e-3));  // float32 near 1e4
  EXPECT_TRUE(torch::equal(experts.grad().select(1, 2), torch::zeros({1, 3})));
}

TEST(LogSumExp, TakesTheDoubleEpsilonForASumThatIsZeroInFloat32) {
  const auto experts = torch::tensor({{{-104.5, -1e4, -103.0}}}, torch::kFloat32);
  const double epsilon = std::log(2.220446049250313e-16);
  EXPECT_TRUE(near(log_sum_exp(torch::ones({1, 1}), experts), torch::tensor({{epsilon, epsilon, -103.0}}, torch::kFloat32)));
}

/// The gradient of W_g from the level's output, in training.
torch::Tensor gate_gradient(const AggregationOptions& options) {
  torch::manual_seed(3);
  Aggregation level(6, options);
  level(torch::randn({9, 6})).output.sin().sum().backward();
  return level->named_parameters()["gate.w_gate"].grad();
}

TEST(Aggregation, TeachesTheGateInPaperModeAndNotInReferenceMode) {
  EXPECT_GT(gate_gradient(small(8, 2)).abs().max().item<double>(), 1e-4);
  auto one_of_all = small(8, 1);
  one_of_all.gate_value = "all";
  EXPECT_GT(gate_gradient(one_of_all).abs().max().item<double>(), 1e-4);

  const auto alone = gate_gradient(small(8, 1));  // the softmax of one number is 1
  EXPECT_TRUE(!alone.defined() || alone.abs().max().item<double>() == 0);
  auto reference = small(8, 1);
  reference.shared = true;
  reference.fusion = "log_sum_exp";
  const auto shared = gate_gradient(reference);
  EXPECT_TRUE(!shared.defined() || shared.abs().max().item<double>() == 0);
}

TEST(Aggregation, OfSharedExpertsIsTheExpert) {
  torch::manual_seed(1);
  const auto x = torch::randn({4, 6});
  for (const std::string fusion : {"weighted_sum", "log_sum_exp"}) {
    auto options = small();
    options.shared = true;
    options.fusion = fusion;
    Aggregation level(6, options);
    level->eval();
    const auto output = level(x).output;
    options.shared = false;
    Aggregation distinct(6, options);  // with equal experts
    distinct->eval();
    const torch::NoGradGuard no_gradient;
    for (auto& item : distinct->named_parameters()) item.value().copy_(level->named_parameters()[item.key()]);
    EXPECT_TRUE(near(distinct(x).output, output));
  }
}

TEST(Aggregation, WeighsEachFaceByItsOwnGate) {
  torch::manual_seed(1);
  auto options = small();
  options.gate = "dense";
  Aggregation level(6, options);
  randomize(*level);
  const auto x = torch::randn({4, 6});
  const auto whole = level(x).output;
  for (int64_t i = 0; i < 4; ++i) EXPECT_TRUE(near(level(x.slice(0, i, i + 1)).output, whole.slice(0, i, i + 1)));
}

TEST(Aggregation, TakesNoFaceAndOneFace) {
  for (const std::string gate : {"noisy_top_k", "top_k", "dense"}) {
    for (const std::string fusion : {"weighted_sum", "log_sum_exp"}) {
      for (const int64_t n : {0, 1}) {
        auto options = small();
        options.gate = gate;
        options.fusion = fusion;
        Aggregation level(6, options);
        const auto result = level(torch::randn({n, 6}));
        EXPECT_EQ(result.output.sizes(), torch::IntArrayRef({n, 6}));
        EXPECT_TRUE(torch::isfinite(result.balance).item<bool>());
      }
    }
  }
}

}  // namespace
}  // namespace leaf
