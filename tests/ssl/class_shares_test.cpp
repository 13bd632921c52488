#include "leaf/ssl/class_shares.h"

#include <gtest/gtest.h>

#include "leaf/ssl/algorithms.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

/// Log-likelihoods of faces of three classes on a line, 1.5 deviations apart, `counts` of each.
torch::Tensor likelihoods(const std::vector<int64_t>& counts) {
  std::vector<torch::Tensor> places;
  for (size_t c = 0; c < counts.size(); ++c) places.push_back(torch::randn({counts[c]}) + 1.5 * static_cast<double>(c));
  return -(torch::cat(places).unsqueeze(1) - 1.5 * torch::arange(3)).square() / 2;
}

TEST(EstimateShares, FindsTheSharesOfFacesWithoutLabels) {
  torch::manual_seed(1);
  const auto given = likelihoods({7000, 2000, 1000});
  for (const auto& labeled : {torch::full({3}, 1.0 / 3), torch::tensor({0.1, 0.3, 0.6})}) {
    const auto shares = estimate_shares(given + labeled.log(), labeled);
    EXPECT_TRUE(near(shares, torch::tensor({0.7, 0.2, 0.1}), 0.03)) << shares;
    EXPECT_NEAR(shares.sum().item<double>(), 1, 1e-5);
  }
}

TEST(EstimateShares, KeepsAShareForEveryClass) {
  const auto shares = estimate_shares(torch::tensor({{100.0, 0.0, 0.0, 0.0}}), torch::full({4}, 0.25));
  EXPECT_TRUE(near(shares, torch::tensor({0.9925, 0.0025, 0.0025, 0.0025})));
  const auto labeled = torch::tensor({0.5, 0.25, 0.25});
  EXPECT_TRUE(near(estimate_shares(torch::zeros({0, 3}), labeled), labeled));
}

AlgorithmContext three_classes(double label_smoothing) {
  AlgorithmContext context;
  context.classes = 3;
  context.views = {.weak = 1, .strong = 0};
  context.label_smoothing = label_smoothing;
  return context;
}

TEST(AgreedShift, IsWhatTheLabelsSay) {
  torch::manual_seed(3);
  const auto given = likelihoods({7000, 2000, 1000});
  const auto labels = torch::cat({torch::full({7000}, 0), torch::full({2000}, 1), torch::full({1000}, 2)}).to(torch::kInt64);
  const auto right = torch::tensor({0.7, 0.2, 0.1}).log();
  const auto centered = [](const torch::Tensor& shift) { return shift - shift.mean(); };
  for (const auto& expected : {2 * right, right.flip(0), torch::zeros({3}), torch::tensor({20.0F, -20.0F, 0.0F})}) {
    EXPECT_TRUE(near(centered(agreed_shift(given, labels, expected)), centered(right), 0.1)) << expected;
  }
}

TEST(AgreedShift, IsHalfOfWhatIsExpectedWithoutFacesAndMovesLittleWithFew) {
  const auto expected = torch::tensor({1.0, -2.0, 1.0});
  EXPECT_TRUE(near(agreed_shift(torch::zeros({0, 3}), torch::zeros({0}, torch::kInt64), expected), expected / 2));
  const auto one = agreed_shift(torch::zeros({1, 3}), torch::tensor({1}), expected);
  EXPECT_GT(one[1].item<float>(), -1);
  EXPECT_LT(one[1].item<float>(), -0.5);
}

struct Probe : Algorithm {
  using Algorithm::Algorithm;
  Objective loss(Step& step) override {
    const auto outputs = forward(step, {step.batch.labeled, step.batch.weak[0]});
    unlabeled = outputs[1].logits;
    return {{"supervised", supervised_loss(outputs[0].unshifted, step.batch.targets)}};
  }
  torch::Tensor unlabeled;
};

TEST(ClassShift, CountsForUnlabeledFacesAndNotForLabeledOnes) {
  ModelOptions options;
  options.backbone = "resnet10_half";
  options.dropout = 0;
  options.semantic.enabled = options.instance.enabled = false;
  options.class_shift = true;
  torch::manual_seed(2);
  auto model = make_model(options, 3, 16);
  Batch batch;
  batch.labeled = torch::randn({2, 3, 16, 16});
  batch.targets = torch::eye(3).slice(0, 0, 2);
  batch.weak = {torch::randn({2, 3, 16, 16})};
  Probe probe(three_classes(0));
  const auto loss = probe.objective(model, batch).total();
  const auto before = probe.unlabeled.detach();
  const auto shift = torch::tensor({1.0, -2.0, 0.5});
  model->shift().copy_(shift);
  EXPECT_TRUE(torch::equal(probe.objective(model, batch).total(), loss));  // to the bit
  EXPECT_TRUE(near(probe.unlabeled.detach(), before + shift));
}

TEST(LabelSmoothing, SpreadsAShareOfTheLabel) {
  struct Open : Probe {
    using Algorithm::supervised_loss;
    using Probe::Probe;
  };
  const auto logits = torch::tensor({{2.0, 0.0, -1.0}});
  const auto log_p = logits.log_softmax(1)[0];
  const auto expected = -(0.9 * log_p[1] + 0.1 * log_p.mean());
  EXPECT_TRUE(near(Open(three_classes(0.1)).supervised_loss(logits, torch::tensor({{0.0, 1.0, 0.0}})), expected));
}

}  // namespace
}  // namespace leaf
