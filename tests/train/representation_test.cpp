#include "leaf/train/representation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace leaf {
namespace {

/// The first `count` of the unit vectors of a space of `width` dimensions, and their opposites.
torch::Tensor cross(int64_t count, int64_t width) {
  const auto some = torch::eye(width).slice(0, 0, count);
  return torch::cat({some, -some});
}

TEST(EffectiveRank, CountsTheDirections) {
  EXPECT_NEAR(effective_rank(cross(4, 6)), 4, 1e-9);
  EXPECT_NEAR(effective_rank(cross(4, 6) + 50), 4, 1e-4) << "where the features lie does not matter";
  EXPECT_NEAR(effective_rank(cross(1, 6)), 1, 1e-9);
  const auto uneven = torch::cat({3 * cross(1, 2), torch::tensor({{0.0f, 1.0f}, {0.0f, -1.0f}})});  // singular values 3 to 1
  EXPECT_NEAR(effective_rank(uneven), std::exp(-0.75 * std::log(0.75) - 0.25 * std::log(0.25)), 1e-6);
  EXPECT_EQ(effective_rank(torch::full({9, 5}, 0.3)), 0) << "equal rows";
  EXPECT_EQ(effective_rank(torch::zeros({9, 5})), 0);
}

TEST(Uniformity, IsTheLogOfTheMeanPotential) {
  EXPECT_NEAR(uniformity(torch::tensor({{5.0, 0.0}, {0.0, 0.1}})), -4, 1e-9);   // squared distance 2
  EXPECT_NEAR(uniformity(torch::tensor({{1.0, 0.0}, {-3.0, 0.0}})), -8, 1e-9);  // squared distance 4
  const double three = std::log((2 * std::exp(-4.0) + std::exp(-8.0)) / 3);     // pairs at 2, 2 and 4
  EXPECT_NEAR(uniformity(torch::tensor({{1.0, 0.0}, {0.0, 1.0}, {-1.0, 0.0}})), three, 1e-9);
  EXPECT_NEAR(uniformity(torch::full({9, 5}, 0.3)), 0, 1e-12);
  EXPECT_NEAR(uniformity(torch::zeros({9, 5})), 0, 1e-12);
}

TEST(Spread, IsOneForEvenFeaturesAndZeroForEqualOnes) {
  EXPECT_NEAR(spread(7 * cross(6, 6)), 1, 1e-9);
  EXPECT_NEAR(spread(torch::full({9, 5}, 0.3)), 0, 1e-9);
}

TEST(NeighborAccuracy, IsAVoteOfTheNearest) {
  const auto known = torch::tensor({{1.0f, 0.0f}, {1.0f, 0.1f}, {0.0f, 1.0f}, {0.1f, 1.0f}});
  const auto labels = torch::tensor({0, 0, 1, 1}, torch::kLong);
  const auto faces = torch::tensor({{9.0f, 0.2f}, {0.05f, 3.0f}, {1.0f, 0.2f}});
  EXPECT_DOUBLE_EQ(neighbor_accuracy(known, labels, faces, torch::tensor({0, 1, 0}, torch::kLong), 2), 1);
  EXPECT_DOUBLE_EQ(neighbor_accuracy(known, labels, faces, torch::tensor({0, 1, 1}, torch::kLong), 2), 2.0 / 3);
  EXPECT_DOUBLE_EQ(neighbor_accuracy(known, labels, faces, torch::tensor({0, 1, 2}, torch::kLong), 99), 2.0 / 3)
      << "a class that nobody knows";
}

TEST(NeighborAccuracy, WeighsNearNeighborsMore) {
  const auto known = torch::tensor({{1.0f, 0.0f}, {0.0f, 1.0f}, {0.0f, 1.0f}, {0.0f, 1.0f}});
  const auto labels = torch::tensor({0, 1, 1, 1}, torch::kLong);
  EXPECT_EQ(neighbor_accuracy(known, labels, torch::tensor({{1.0f, 0.05f}}), torch::tensor({0}, torch::kLong)), 1)
      << "three far ones are outvoted";
}

TEST(ProbeAccuracy, SeparatesWhatALineSeparates) {
  torch::manual_seed(1);
  const auto labels = torch::arange(300) % 3;
  const auto centers = torch::tensor({{0.0f, 5.0f}, {5.0f, 0.0f}, {-5.0f, -5.0f}});
  const auto features = 1000 + centers.index_select(0, labels) + 0.5 * torch::randn({300, 2});  // far from the origin
  EXPECT_GT(probe_accuracy(features.slice(0, 0, 150), labels.slice(0, 0, 150), features.slice(0, 150), labels.slice(0, 150)),
            0.99);
}

TEST(ProbeAccuracy, IsLinear) {
  const auto corners = torch::tensor({{1.0f, 1.0f}, {-1.0f, -1.0f}, {1.0f, -1.0f}, {-1.0f, 1.0f}});
  const auto labels = torch::tensor({0, 0, 1, 1}, torch::kLong);  // exclusive or
  EXPECT_LE(probe_accuracy(corners, labels, corners, labels), 0.75);
}

TEST(ProbeAccuracy, SaysTheCommonestClassWhereFeaturesSayNothing) {
  const auto equal = torch::full({4, 3}, 0.25f);
  EXPECT_DOUBLE_EQ(
      probe_accuracy(equal, torch::tensor({2, 2, 2, 0}, torch::kLong), equal, torch::tensor({2, 0, 2, 2}, torch::kLong)), 0.75);
}

TEST(Collapse, IsNamed) {
  EXPECT_EQ(collapse({.rank = 40, .uniformity = -2, .deviation = 0.7}), "");
  EXPECT_THAT(collapse({.rank = 0, .uniformity = 0, .deviation = 0}), testing::HasSubstr("same features"));
  EXPECT_THAT(collapse({.rank = 90, .uniformity = -1e-7, .deviation = 0}), testing::HasSubstr("same features"))
      << "what is left is noise";
  EXPECT_THAT(collapse({.rank = 1.3, .uniformity = -1, .deviation = 0.1}), testing::HasSubstr("rank 1.30"));
}

TEST(Representation, LeavesOutWhatWasNotMeasured) {
  EXPECT_FALSE(to_json(Representation{.rank = 3}).contains("probe"));
  EXPECT_EQ(to_json(Representation{.rank = 3, .neighbors = 0.5}).at("neighbors").get<double>(), 0.5);
}

}  // namespace
}  // namespace leaf
