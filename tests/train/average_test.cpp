#include "leaf/train/average.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>

#include <cmath>

#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

/// A normalization that has seen a batch: parameters, batch statistics and a count.
torch::nn::BatchNorm2d trained(int64_t seed) {
  torch::manual_seed(seed);
  torch::nn::BatchNorm2d module(3);
  const torch::NoGradGuard no_gradient;
  module->weight.normal_();
  module(torch::randn({4, 3, 2, 2}));
  return module;
}

TEST(MovingAverage, AveragesEveryFractionAndCopiesEveryCount) {
  auto module = trained(1), average = trained(2);
  module->num_batches_tracked.fill_(9);
  const auto weight = module->weight.detach().clone(), mean = module->running_mean.clone(),
             old_weight = average->weight.detach().clone(), old_mean = average->running_mean.clone();
  AverageOptions options;
  options.decay = 0.75;
  MovingAverage moving(*module, *average, options);
  moving.update(0.5, 0);
  EXPECT_TRUE(near(average->weight.detach(), old_weight * 0.75 + weight * 0.25));
  EXPECT_TRUE(near(average->running_mean, old_mean * 0.75 + mean * 0.25));
  EXPECT_EQ(average->num_batches_tracked.item<int64_t>(), 9);
  EXPECT_TRUE(near(module->weight.detach(), weight * 0.99));  // 1 − 0.02 · 0.5
  EXPECT_TRUE(torch::equal(module->running_mean, mean));
}

TEST(MovingAverage, ShrinksBuffersInReferenceMode) {
  auto module = trained(1), average = trained(2);
  const auto mean = module->running_mean.clone();
  AverageOptions options;
  options.decay_buffers = true;
  MovingAverage moving(*module, *average, options);
  moving.update(0.5, 0);
  EXPECT_TRUE(near(module->running_mean, mean * 0.99));
}

TEST(MovingAverage, GrowsWithTheSteps) {
  auto module = trained(1), average = trained(2);
  AverageOptions options;
  options.decay = 0.9;
  options.growth = true;
  options.weight_decay = 0;
  MovingAverage moving(*module, *average, options);
  const auto value = module->bias.detach().fill_(1);
  average->bias.detach().fill_(0);
  double expected = 0;
  for (const auto& [step, keep] :
       std::vector<std::pair<int64_t, double>>{{0, 0.1}, {1, 2.0 / 11}, {40, 0.82}, {80, 0.9}, {1000, 0.9}}) {
    moving.update(0.5, step);
    expected = expected * keep + 1 - keep;
    EXPECT_NEAR(average->bias[0].item<double>(), expected, 1e-6) << step;
  }
}

TEST(MovingAverage, RepeatsTensorsThatAreListedMoreThanOnce) {
  auto repeated = trained(1), repeated_average = trained(2), once = trained(1), once_average = trained(2);
  AverageOptions options;
  options.repeat_shared = true;
  MovingAverage moving(*repeated, *repeated_average, options, {{"weight", 9}}), plain(*once, *once_average, {});
  moving.update(0.5, 0);
  for (int i = 0; i < 9; ++i) {
    plain.update(0.5, 0);
    if (i == 0) {
      EXPECT_TRUE(torch::equal(repeated->bias, once->bias));
    }
  }
  EXPECT_TRUE(near(repeated->weight.detach(), once->weight.detach(), 1e-7));
  EXPECT_TRUE(near(repeated_average->weight.detach(), once_average->weight.detach(), 1e-7));

  auto ignored = trained(1), ignored_average = trained(2);
  MovingAverage without(*ignored, *ignored_average, {}, {{"weight", 9}});
  without.update(0.5, 0);
  EXPECT_TRUE(near(ignored->weight.detach(), trained(1)->weight.detach() * 0.99));
}

TEST(MovingAverage, TreatsOtherKindsOfNumbersAlike) {
  auto module = trained(1), average = trained(2), exact = trained(1), exact_average = trained(2);
  exact->to(torch::kDouble);
  exact_average->to(torch::kDouble);
  MovingAverage moving(*module, *average, {}), slow(*exact, *exact_average, {});
  for (int i = 0; i < 5; ++i) {
    moving.update(0.1, 0);
    slow.update(0.1, 0);
  }
  EXPECT_TRUE(near(average->weight.detach(), exact_average->weight.detach().to(torch::kFloat32), 1e-6));
  EXPECT_TRUE(near(module->weight.detach(), exact->weight.detach().to(torch::kFloat32), 1e-6));
}

TEST(MovingAverage, NeedsModulesOfOneStructure) {
  auto module = trained(1);
  torch::nn::Linear other(2, 2);
  EXPECT_THROW(MovingAverage(*module, *other, {}), c10::Error);
}

}  // namespace
}  // namespace leaf
