#include "leaf/ssl/category.h"

#include <gtest/gtest.h>

#include <cmath>

#include "leaf/base/error.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

CategoryOptions with(const std::string& weight, const std::string& counting = "with_first_negative") {
  CategoryOptions options;
  options.weight = weight;
  options.counting = counting;
  return options;
}

int64_t positives(const std::vector<double>& probabilities, const CategoryOptions& options = {}) {
  return ambiguous_labels(torch::tensor(probabilities).unsqueeze(0), options).positive.sum().item<int64_t>();
}

TEST(AmbiguousLabels, CountTheFirstNegativeClassInTheMass) {
  EXPECT_EQ(positives({0.6, 0.35, 0.05, 0, 0}), 1);  // two classes gather 0.95: one is positive
  EXPECT_EQ(positives({0.5, 0.3, 0.15, 0.05, 0}), 2);
  EXPECT_EQ(positives({0.3, 0.25, 0.2, 0.2, 0.05}), 3);
  EXPECT_EQ(positives({0.2, 0.2, 0.2, 0.2, 0.2}), 3);
  EXPECT_EQ(positives({0, 0, 1, 0, 0}), 1);
}

TEST(AmbiguousLabels, CanCountPositiveClassesOnly) {
  const auto options = with("concave", "positives_only");
  EXPECT_EQ(positives({0.95, 0.03, 0.01, 0.01, 0}, options), 1);
  EXPECT_EQ(positives({0.6, 0.35, 0.05, 0, 0}, options), 2);
  EXPECT_EQ(positives({0.5, 0.3, 0.15, 0.05, 0}, options), 3);
  EXPECT_EQ(positives({0.2, 0.2, 0.2, 0.2, 0.2}, options), 3);
}

TEST(AmbiguousLabels, HaveTheWeightOfTheirFormula) {
  const auto probabilities = torch::tensor({{0.05, 0.5, 0.0, 0.3, 0.15}});
  const auto weight = [&](const CategoryOptions& options) {
    return ambiguous_labels(probabilities, options).weight.item<double>();
  };
  double a = 0.95 / 3, d = 0.15;
  EXPECT_NEAR(weight(with("linear")), (a - d) / a, 1e-6);
  EXPECT_NEAR(weight(with("convex")), (a - d) / (a + d), 1e-6);
  EXPECT_NEAR(weight(with("concave")), std::log(1 + 50 * (a - d)) / std::log(1 + 50 * a), 1e-6);
  a = 0.95 / 3, d = 0.05;
  EXPECT_NEAR(weight(with("linear", "positives_only")), (a - d) / a, 1e-6);
  EXPECT_THROW(weight(with("cubic")), std::logic_error);
}

TEST(AmbiguousLabels, NeverMakeEveryClassPositive) {
  torch::manual_seed(1);
  for (const int64_t classes : {4, 7, 8}) {
    for (const std::string counting : {"with_first_negative", "positives_only"}) {
      const auto labels = ambiguous_labels((torch::randn({200, classes}) * 3).softmax(1), with("convex", counting));
      const auto count = labels.positive.sum(1);
      EXPECT_GE(count.min().item<int64_t>(), 1);
      EXPECT_LE(count.max().item<int64_t>(), 3);
      EXPECT_GE(labels.weight.min().item<double>(), 0);
      EXPECT_LE(labels.weight.max().item<double>(), 1);
    }
  }
}

TEST(AmbiguousLabels, NeedAClassMoreThanTheyKeep) {
  EXPECT_THROW(ambiguous_labels(torch::full({2, 3}, 1.0 / 3), {}), UsageError);
  CategoryOptions options;
  options.max_positive = 2;
  EXPECT_EQ(ambiguous_labels(torch::full({2, 3}, 1.0 / 3), options).positive.sum().item<int64_t>(), 4);
}

TEST(AmbiguousLabels, TakeNoFaceAndCarryNoGradient) {
  const auto none = ambiguous_labels(torch::zeros({0, 7}), {});
  EXPECT_EQ(none.positive.sizes(), torch::IntArrayRef({0, 7}));
  EXPECT_EQ(ambiguous_loss(torch::zeros({0, 7}), none).sizes(), torch::IntArrayRef({0}));
  EXPECT_FALSE(ambiguous_labels(torch::randn({3, 7}).requires_grad_().softmax(1), {}).weight.requires_grad());
}

TEST(AmbiguousLabels, FollowAPermutationOfTheClasses) {
  torch::manual_seed(1);
  const auto logits = torch::randn({50, 7}) * 2, strong = torch::randn({50, 7});
  const auto order = torch::randperm(7);
  const auto labels = ambiguous_labels(logits.softmax(1), {}),
             moved = ambiguous_labels(logits.index_select(1, order).softmax(1), {});
  EXPECT_TRUE(torch::equal(moved.positive, labels.positive.index_select(1, order)));
  EXPECT_TRUE(near(moved.weight, labels.weight));
  EXPECT_TRUE(near(ambiguous_loss(strong.index_select(1, order), moved), ambiguous_loss(strong, labels)));
}

TEST(AmbiguousLoss, IsStableForAnyLogit) {
  const auto positive = torch::tensor({{true, true, false, false}, {false, false, true, true}});
  const auto logits = torch::tensor({{1e4, 1e4, -1e4, -1e4}, {1e4, 1e4, -1e4, -1e4}}, torch::kFloat32).requires_grad_();
  const auto loss = ambiguous_loss(logits, {positive, torch::ones({2})});
  EXPECT_TRUE(near(loss, torch::tensor({0.0, 2e4 + 2 * std::log(2.0)}, torch::kFloat32)));
  loss.sum().backward();
  EXPECT_TRUE(near(logits.grad(), torch::tensor({{0.0, 0.0, 0.0, 0.0}, {0.5, 0.5, -0.5, -0.5}}, torch::kFloat32), 1e-3));
}

TEST(AmbiguousLoss, EqualsTheSumOverPairs) {
  torch::manual_seed(1);
  const auto logits = torch::randn({1, 5});
  const auto positive = torch::tensor({{true, false, true, false, false}});
  double sum = 1;
  for (const int p : {0, 2}) {
    for (const int n : {1, 3, 4}) sum += std::exp((logits[0][n] - logits[0][p]).item<double>());
  }
  EXPECT_NEAR(ambiguous_loss(logits, {positive, {}}).item<double>(), std::log(sum), 1e-5);
}

TEST(BalanceFactor, GivesALossTheMeanOfAnother) {
  const auto reference = torch::tensor({1.0, 3.0}), loss = torch::tensor({0.1, 0.3});
  EXPECT_NEAR((loss * balance_factor(reference, loss)).mean().item<double>(), 2, 1e-6);
  EXPECT_EQ(balance_factor(torch::zeros({0}), torch::zeros({0})).item<double>(), 0);
  EXPECT_EQ((torch::zeros({2}) * balance_factor(reference, torch::zeros({2}))).sum().item<double>(), 0);
  EXPECT_FALSE(balance_factor(reference, loss.clone().requires_grad_()).requires_grad());
}

}  // namespace
}  // namespace leaf
