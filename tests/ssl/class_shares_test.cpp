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

/// Labels drawn from the softmax of logits [n, C]: [n].
torch::Tensor drawn_labels(const torch::Tensor& logits) { return torch::multinomial(logits.softmax(1), 1).squeeze(1); }

torch::Tensor centered(const torch::Tensor& values) { return values - values.mean(-1, true); }

TEST(Calibrate, FindsTheTemperatureAndTheBiasThatLogitsWereSpoiltBy) {
  torch::manual_seed(3);
  const auto right = 2 * torch::randn({20000, 3});
  const auto labels = drawn_labels(right);
  const auto bias = torch::tensor({0.8, -0.5, -0.3});
  for (const double temperature : {0.2, 1.0, 12.0}) {
    const auto spoilt = temperature * (right - bias);
    const auto found = calibrate(spoilt, labels);
    EXPECT_NEAR(found.temperature / temperature, 1, 0.05);
    EXPECT_TRUE(near(centered(found.bias), bias, 0.1)) << found.bias;
    EXPECT_TRUE(near(found.apply(spoilt).softmax(1), right.softmax(1), 0.03));
  }
}

/// Log posterior of a calibration, the prior as in class_shares.cpp.
double posterior(const torch::Tensor& logits, const torch::Tensor& labels, double slope, const torch::Tensor& bias) {
  const auto log_p = (logits.to(torch::kFloat64) * slope + bias).log_softmax(1);
  const double fits = log_p.gather(1, labels.unsqueeze(1)).sum().item<double>();
  return fits - (slope - 1) * (slope - 1) - bias.square().sum().item<double>();
}

TEST(Calibrate, IsMostProbableWhateverTheLogitsScale) {
  constexpr double kSlack = 2e-3;  // where 1 / temperature is at its least, the biases are not quite the best
  for (const double scale : {0.1, 3.0, 20.0, 60.0}) {
    for (const int64_t n : {1, 6, 70, 700}) {
      torch::manual_seed(static_cast<uint64_t>(n));
      const auto right = torch::randn({n, 4});
      const auto labels = drawn_labels(right);
      const auto logits = scale * right;
      const auto found = calibrate(logits, labels);
      const double slope = 1 / found.temperature;
      const auto bias = found.bias.to(torch::kFloat64);
      const double best = posterior(logits, labels, slope, bias);
      for (const double away : {-0.01, 0.01}) {
        EXPECT_GE(best + kSlack, posterior(logits, labels, slope * (1 + away), bias)) << scale << " " << n;
        for (int64_t c = 0; c < 4; ++c) {
          const auto other = bias + away * torch::eye(4, torch::kFloat64)[c];
          EXPECT_GE(best + kSlack, posterior(logits, labels, slope, other)) << scale << " " << n << " " << c;
        }
      }
    }
  }
}

TEST(Calibrate, LeavesLogitsWithoutFacesAndMovesThemLittleWithFew) {
  const auto none = calibrate(torch::zeros({0, 3}), torch::zeros({0}, torch::kInt64));
  EXPECT_EQ(none.temperature, 1);
  EXPECT_TRUE(near(none.bias, torch::zeros({3})));
  const auto wrong = calibrate(8 * torch::eye(3), torch::tensor({1, 2, 0}));  // each face is called another class
  EXPECT_GT(wrong.temperature, 1);
  EXPECT_TRUE(near(wrong.bias, torch::zeros({3}), 1e-4));
  const auto right = calibrate(8 * torch::eye(3), torch::arange(3));
  EXPECT_NEAR(right.temperature, 1, 0.1);
  const auto same = calibrate(torch::zeros({3, 3}), torch::zeros({3}, torch::kInt64));  // all labels are of one class
  EXPECT_GT(same.bias[0].item<float>(), 0.3);
  EXPECT_LT(same.bias[0].item<float>(), 1);
}

TEST(Calibrate, MakesAClassWithoutALabelRareAndNotImpossible) {
  torch::manual_seed(4);
  const auto found = calibrate(torch::randn({60, 3}), torch::arange(60) % 2);
  EXPECT_LT(found.bias[2].item<float>(), -1);
  EXPECT_GT(found.bias[2].item<float>(), -6);
}

TEST(Calibrate, StaysFiniteForExtremeLogits) {
  torch::manual_seed(5);
  const auto labels = torch::arange(70) % 7;
  for (const auto& logits : {1e6 * torch::randn({70, 7}), 1e6 * at::one_hot(labels, 7).to(torch::kFloat32),
                             -1e6 * at::one_hot(labels, 7).to(torch::kFloat32), torch::full({70, 7}, 1e30)}) {
    const auto found = calibrate(logits, labels);
    EXPECT_GT(found.temperature, 0);
    EXPECT_TRUE(found.apply(logits).isfinite().all().item<bool>());
    EXPECT_LE(found.temperature, 100.001);
  }
}

TEST(EstimateShares, NeedsBelievableLogits) {
  torch::manual_seed(6);
  const auto labeled = torch::full({3}, 1.0 / 3);
  const auto given = likelihoods({7000, 2000, 1000}), held_out = likelihoods({2000, 2000, 2000});
  const auto labels = torch::arange(3).repeat_interleave(2000);
  const auto right = torch::tensor({0.7, 0.2, 0.1}), bias = torch::tensor({1.0, 0.0, -1.0});
  const auto spoilt = [&](const torch::Tensor& logits) { return 5 * (logits + bias); };
  EXPECT_FALSE(near(estimate_shares(spoilt(given), labeled), right, 0.05));
  const auto calibration = calibrate(spoilt(held_out), labels);
  EXPECT_TRUE(near(estimate_shares(calibration.apply(spoilt(given)), labeled), right, 0.03));
}

TEST(ClassShift, IsTheLogarithmOfExpectedOverLearnedShares) {
  const auto shift = class_shift(torch::tensor({0.5, 0.4, 0.1}), torch::tensor({0.25, 0.75, 0.0}));
  EXPECT_TRUE(near(shift, torch::tensor({2.0, 0.4 / 0.75, 100.0}).log()));
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
