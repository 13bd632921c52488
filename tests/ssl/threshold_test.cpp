#include "leaf/ssl/threshold.h"

#include <gtest/gtest.h>

#include <cmath>

#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

TEST(AdaptiveThreshold, StartsAtItsInitialValueInABuffer) {
  AdaptiveThreshold threshold(3);
  EXPECT_TRUE(near(collect(*threshold).at("tau"), torch::full({3}, 0.8)));
  EXPECT_TRUE(threshold->parameters().empty());
}

TEST(AdaptiveThreshold, AcceptsAFaceAtTheThresholdOfItsClass) {
  AdaptiveThreshold threshold(2);
  load_weights(*threshold, {{"tau", torch::tensor({0.75, 0.9})}});
  const auto sure = threshold->accept(torch::tensor({{0.75, 0.25}, {0.25, 0.75}, {0.05, 0.95}, {0.7, 0.3}}));
  EXPECT_TRUE(torch::equal(sure, torch::tensor({true, false, true, false})));
  EXPECT_EQ(threshold->accept(torch::zeros({0, 2})).numel(), 0);
}

TEST(AdaptiveThreshold, LearnsFromCorrectFacesOnly) {
  ThresholdOptions options;
  options.floor = 0.1;
  AdaptiveThreshold threshold(3, options);
  const auto probabilities = torch::tensor({{0.9, 0.1, 0.0}, {0.7, 0.3, 0.0}, {1.0, 0.0, 0.0}, {0.2, 0.3, 0.5}});
  threshold->update(probabilities, torch::tensor({0, 0, 1, -1}), 2);  // right, right, wrong, unlabeled
  EXPECT_TRUE(near(threshold->values(), torch::tensor({0.97 * 0.8 / (1 + std::exp(-2.0)), 0.1, 0.1})));
  threshold->update(torch::zeros({0, 3}), torch::zeros({0}, torch::kLong), 3);
  EXPECT_TRUE(near(threshold->values(), torch::full({3}, 0.1)));
}

TEST(AdaptiveThreshold, FollowsAPermutationOfTheClasses) {
  torch::manual_seed(1);
  const auto probabilities = (torch::randn({80, 5}) * 6).softmax(1);
  const auto labels = probabilities.argmax(1), order = torch::randperm(5);
  AdaptiveThreshold threshold(5), moved(5);
  threshold->update(probabilities, labels, 5);
  moved->update(probabilities.index_select(1, order), order.argsort().index_select(0, labels), 5);
  EXPECT_TRUE(near(moved->values(), threshold->values().index_select(0, order)));
}

TEST(AcceptAbove, AcceptsAtTheThreshold) {
  EXPECT_TRUE(torch::equal(accept_above(torch::tensor({{0.75, 0.25}, {0.5, 0.5}}), 0.75), torch::tensor({true, false})));
}

}  // namespace
}  // namespace leaf
