#include "leaf/ssl/losses.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/normalization.h>

#include <limits>

#include "tests/tensors.h"

namespace leaf {
namespace {

namespace F = torch::nn::functional;

TEST(CrossEntropy, EqualsLibtorchsOfEachFace) {
  torch::manual_seed(1);
  const auto logits = torch::randn({6, 4}) * 5;
  const auto labels = torch::tensor({0, 1, 2, 3, 0, 1});
  const auto expected = F::cross_entropy(logits, labels, F::CrossEntropyFuncOptions().reduction(torch::kNone));
  EXPECT_TRUE(near(cross_entropy(logits, labels), expected));
  EXPECT_TRUE(near(cross_entropy(logits, torch::one_hot(labels, 4).to(torch::kFloat32)), expected));
  const auto soft = torch::randn({6, 4}).softmax(1);
  EXPECT_TRUE(
      near(cross_entropy(logits, soft), F::cross_entropy(logits, soft, F::CrossEntropyFuncOptions().reduction(torch::kNone))));
  EXPECT_EQ(cross_entropy(torch::zeros({0, 4}), torch::zeros({0}, torch::kLong)).numel(), 0);
}

TEST(CrossEntropy, IsStableForAnyLogit) {
  const auto logits = torch::tensor({{1e4, -1e4}}, torch::kFloat32).requires_grad_();
  EXPECT_TRUE(near(cross_entropy(logits, torch::tensor({1})), torch::tensor({2e4}, torch::kFloat32)));
  EXPECT_TRUE(near(cross_entropy(logits, torch::tensor({{1.0, 0.0}}, torch::kFloat32)), torch::zeros({1})));
  cross_entropy(logits, torch::tensor({{1.0, 0.0}}, torch::kFloat32)).sum().backward();
  EXPECT_TRUE(near(logits.grad(), torch::zeros({1, 2})));
}

TEST(MaskedMean, CountsMaskedFacesAsZero) {
  const auto values = torch::tensor({1.0, 2.0, 3.0, std::numeric_limits<double>::infinity()});
  EXPECT_NEAR(masked_mean(values, torch::tensor({true, false, true, false})).item<double>(), 1, 1e-6);
  EXPECT_NEAR(masked_mean(values.slice(0, 0, 2), torch::tensor({0.5, 0.25})).item<double>(), 0.5, 1e-6);
  EXPECT_EQ(masked_mean(torch::zeros({0}), torch::zeros({0}, torch::kBool)).item<double>(), 0);
}

TEST(MaskedMean, SendsNoGradientToMaskedFaces) {
  const auto values = torch::tensor({1.0, 2.0}).requires_grad_();
  masked_mean(values, torch::tensor({true, false})).backward();
  EXPECT_TRUE(near(values.grad(), torch::tensor({0.5, 0.0})));
}

TEST(Contrast, IsTheMeanOverTheFacesThatTakePart) {
  torch::manual_seed(1);
  const auto first = F::normalize(torch::randn({6, 8})), second = F::normalize(torch::randn({6, 8}));
  const auto mask = torch::tensor({true, false, true, true, false, false});
  const auto rows = torch::tensor({0, 2, 3});
  const auto loss = contrast(first, second, mask, 0.07);
  EXPECT_TRUE(near(loss, contrast(first.index_select(0, rows), second.index_select(0, rows), {}, 0.07)));

  // Chen et al., equation 1, pair by pair.
  const auto all = torch::cat({first.index_select(0, rows), second.index_select(0, rows)}).to(torch::kDouble);
  double sum = 0;
  for (int i = 0; i < 6; ++i) {
    double others = 0;
    for (int j = 0; j < 6; ++j) {
      if (j != i) others += std::exp(all[i].dot(all[j]).item<double>() / 0.07);
    }
    sum += std::log(others) - all[i].dot(all[(i + 3) % 6]).item<double>() / 0.07;
  }
  EXPECT_NEAR(loss.item<double>(), sum / 6, 1e-4);
}

TEST(Contrast, IsZeroForOneFaceAndForNone) {
  const auto x = F::normalize(torch::randn({3, 8})).requires_grad_();
  const auto none = contrast(x, x, torch::zeros({3}, torch::kBool), 0.07);
  EXPECT_EQ(none.item<double>(), 0);
  none.backward();
  EXPECT_TRUE(torch::equal(x.grad(), torch::zeros({3, 8})));
  EXPECT_NEAR(contrast(x, x, torch::tensor({false, true, false}), 0.07).item<double>(), 0, 1e-6);
}

TEST(Contrast, SendsGradientsThroughBothViews) {
  torch::manual_seed(1);
  const auto first = torch::randn({3, 8}).requires_grad_(), second = torch::randn({3, 8}).requires_grad_();
  contrast(first, second, {}, 0.5).backward();
  EXPECT_GT(first.grad().abs().max().item<double>(), 0);
  EXPECT_GT(second.grad().abs().max().item<double>(), 0);
}

TEST(Sharpen, RaisesAndNormalizes) {
  const auto p = torch::tensor({{0.5, 0.3, 0.2, 0.0}});
  EXPECT_TRUE(near(sharpen(p, 0.5), p.square() / p.square().sum()));
  EXPECT_TRUE(near(sharpen(p, 1), p));
  EXPECT_TRUE(near(sharpen(p, 1e-3), torch::tensor({{1.0, 0.0, 0.0, 0.0}})));
}

TEST(Entropy, IsLargestForEqualLogits) {
  EXPECT_TRUE(near(entropy(torch::tensor({{0.0, 0.0, 0.0, 0.0}, {1e4, 0.0, 0.0, -1e4}}, torch::kFloat32)),
                   torch::tensor({std::log(4.0), 0.0}, torch::kFloat32)));
}

TEST(SquaredError, IsTheMeanOverClasses) {
  EXPECT_TRUE(near(squared_error(torch::tensor({{0.5, 0.5}}), torch::tensor({{1.0, 0.0}})), torch::tensor({0.25})));
}

TEST(LinearRamp, GrowsOverItsFractionOfTheRun) {
  EXPECT_EQ(linear_ramp(0, 100, 0.4), 0);
  EXPECT_EQ(linear_ramp(10, 100, 0.4), 0.25);
  EXPECT_EQ(linear_ramp(99, 100, 0.4), 1);
  EXPECT_EQ(linear_ramp(0, 100, 0), 1);
}

}  // namespace
}  // namespace leaf
