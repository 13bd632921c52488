#include "leaf/ssl/outliers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "leaf/ssl/algorithms.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

/// Directions at these angles in degrees, of different lengths: [n, 2].
torch::Tensor at(const std::vector<double>& degrees) {
  auto rows = torch::empty({static_cast<int64_t>(degrees.size()), 2});
  for (size_t i = 0; i < degrees.size(); ++i) {
    const double angle = degrees[i] * std::acos(-1.0) / 180, length = 1 + static_cast<double>(i);
    rows[static_cast<int64_t>(i)][0] = length * std::cos(angle);
    rows[static_cast<int64_t>(i)][1] = length * std::sin(angle);
  }
  return rows;
}

torch::Tensor positions(const std::vector<int64_t>& values) { return torch::tensor(values); }

TEST(DistanceToLabeled, IsTheMeanOverTheNearest) {
  const auto labeled = at({0, 60, 180});
  EXPECT_TRUE(near(distance_to_labeled(at({0, 60}), labeled, 1), torch::tensor({0.0, 0.0})));
  EXPECT_TRUE(near(distance_to_labeled(at({0, 180}), labeled, 2), torch::tensor({0.25, 0.75})));
  EXPECT_TRUE(near(distance_to_labeled(at({0}), labeled, 9), torch::tensor({2.5 / 3})));  // all of them
  EXPECT_EQ(distance_to_labeled(torch::zeros({0, 2}), labeled, 2).numel(), 0);
}

TEST(OutlierFilter, KeepsEveryFaceUntilItIsFit) {
  OutlierFilter filter(1, 2, OutlierOptions{.reject = "distance"});
  EXPECT_TRUE(torch::equal(filter->kept(at({0, 90, 180})), positions({0, 1, 2})));
}

TEST(OutlierFilter, RejectsWhatLiesFartherThanHeldOutFaces) {
  OutlierOptions options{.reject = "distance", .neighbors = 1, .quantile = 1, .factor = 1};
  OutlierFilter filter(2, 2, options);
  filter->fit(at({0, 90}), at({10, 70, 30}));  // the farthest is 30° away
  const auto faces = at({0, 40, 29, 135, 119, 180, -29, 100});
  EXPECT_TRUE(torch::equal(filter->kept(faces), positions({0, 2, 4, 6, 7})));
  options.factor = 0;
  OutlierFilter strict(2, 2, options);
  strict->fit(at({0, 90}), at({10}));
  EXPECT_TRUE(torch::equal(strict->kept(faces), positions({0, 7})));  // the nearest quarter stays
  EXPECT_EQ(strict->kept(torch::zeros({0, 2})).numel(), 0);
  EXPECT_EQ(strict->kept(at({180})).numel(), 1);
}

TEST(OutlierFilter, TakesAQuantileOfTheHeldOutFaces) {
  OutlierFilter filter(1, 2, OutlierOptions{.reject = "distance", .neighbors = 1, .quantile = 0.5});
  filter->fit(at({0}), at({10, 20, 80}));
  EXPECT_TRUE(torch::equal(filter->kept(at({0, 0, 19, 21, 0, 0, 0, 0})), positions({0, 1, 2, 4, 5, 6, 7})));
}

}  // namespace
}  // namespace leaf
