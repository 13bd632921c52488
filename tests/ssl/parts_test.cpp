// The parts that several algorithms share.
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>

#include <limits>

#include "leaf/model/model.h"
#include "leaf/model/modes.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/heads.h"
#include "leaf/ssl/memory.h"
#include "leaf/ssl/mixing.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

TEST(Align, ScalesBeliefsByWhatTheyShouldBeOverWhatTheyAre) {
  const auto found = align(torch::tensor({{0.6, 0.3, 0.1}}), torch::tensor({0.2, 0.3, 0.5}), torch::tensor({0.4, 0.3, 0.1}));
  EXPECT_TRUE(near(found, torch::tensor({{0.3, 0.3, 0.5}}) / 1.1));
}

TEST(Align, StaysFiniteWhereAClassWasNeverBelieved) {
  const auto found = align(torch::tensor({{1.0, 0.0}, {0.0, 0.0}}), torch::tensor({0.5, 0.5}), torch::tensor({1.0, 0.0}));
  EXPECT_TRUE(near(found, torch::tensor({{1.0, 0.0}, {0.0, 0.0}})));
}

TEST(UpdateMean, StartsWithTheFirstObservation) {
  auto mean = torch::full({2}, std::numeric_limits<double>::quiet_NaN());
  update_mean(mean, torch::tensor({1.0, 3.0}), 0.9);
  EXPECT_TRUE(near(mean, torch::tensor({1.0, 3.0})));
  update_mean(mean, torch::tensor({2.0, 3.0}), 0.9);
  EXPECT_TRUE(near(mean, torch::tensor({1.1, 3.0})));
}

TEST(Ring, KeepsTheLatestRows) {
  Ring ring(3, 1);
  EXPECT_EQ(ring->rows().size(0), 0);
  ring->push(torch::tensor({{1.0}, {2.0}}));
  EXPECT_FALSE(ring->full());
  ring->push(torch::tensor({{3.0}, {4.0}}));
  EXPECT_TRUE(ring->full());
  EXPECT_TRUE(near(std::get<0>(ring->rows().flatten().sort()), torch::tensor({2.0, 3.0, 4.0})));
  ring->push(torch::tensor({{5.0}, {6.0}, {7.0}, {8.0}, {9.0}}));
  EXPECT_TRUE(near(std::get<0>(ring->rows().flatten().sort()), torch::tensor({7.0, 8.0, 9.0})));
}

TEST(RecentAlignment, DividesByTheMeanOfTheLatestBatches) {
  RecentAlignment align(2, 2);
  align(torch::tensor({{0.9, 0.1}}));
  align(torch::tensor({{0.5, 0.5}}));
  const auto found = align(torch::tensor({{0.7, 0.3}}));  // the mean of the last two is 0.6, 0.4
  const auto expected = torch::tensor({0.7 / 0.6, 0.3 / 0.4});
  EXPECT_TRUE(near(found[0], expected / expected.sum()));
}

TEST(Mixup, StaysNearerToTheFaceInItsPlace) {
  torch::manual_seed(1);
  const auto views = torch::arange(4, torch::kFloat32).view({4, 1, 1, 1}).expand({4, 3, 2, 2}).clone();
  const auto mixed = mixup(views, torch::eye(4), 0.75);
  EXPECT_TRUE(near(mixed.targets.sum(1), torch::ones({4})));
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_GE(mixed.targets[i][i].item<double>(), 0.5);
    EXPECT_NEAR(mixed.views[i][0][0][0].item<double>(), mixed.targets[i].dot(torch::arange(4, torch::kFloat32)).item<double>(),
                1e-5);
  }
}

TEST(Turned, TurnsEachViewByItsQuarters) {
  const auto views = torch::arange(2 * 3 * 2 * 2, torch::kFloat32).view({2, 3, 2, 2});
  const auto found = turned(views, torch::tensor({0, 1}));
  EXPECT_TRUE(torch::equal(found[0], views[0]));
  EXPECT_EQ(found[1][0][0][0].item<float>(),
            views[1][0][0][1].item<float>());  // to the left: the right column becomes the top row
  EXPECT_EQ(found[1][0][1][0].item<float>(), views[1][0][0][0].item<float>());
}

TEST(Projection, HasUnitLength) {
  Projection projection(6, 4);
  EXPECT_TRUE(near(projection(torch::randn({5, 6})).norm(2, 1), torch::ones({5})));
}

TEST(FrozenStatistics, KeepsRunningStatisticsWhileItLives) {
  torch::nn::BatchNorm2d normalization(2);
  const auto x = torch::randn({4, 2, 3, 3}) + 5;
  {
    const FrozenStatistics frozen(*normalization);
    normalization(x);
  }
  EXPECT_TRUE(near(normalization->running_mean, torch::zeros({2})));
  EXPECT_EQ(normalization->num_batches_tracked.item<int64_t>(), 0);
  normalization(x);
  EXPECT_GT(normalization->running_mean[0].item<double>(), 0.1);
}

TEST(Noiseless, MakesPassesAgreeAndSwitchesTheNoiseOnAgain) {
  ModelOptions options;
  options.backbone = "resnet10_half";
  auto model = make_model(options, 4, 32);
  model->train();
  const auto x = torch::randn({4, 3, 32, 32});
  const auto agree = [&] { return torch::equal(model->forward(x).logits, model->forward(x).logits); };
  {
    const Noiseless quiet(*model);
    EXPECT_TRUE(agree());
  }
  EXPECT_FALSE(agree());
}

}  // namespace
}  // namespace leaf
