#include "leaf/runs/cross_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "leaf/train/evaluate.h"
#include "tests/runs/tinted.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

/// A network of a cross-fit: what it was given, and its moving average, which is trained after `begin` returns.
struct Fitted {
  Pools pools;
  Config config;
  Model average{nullptr};
};

struct CrossFitting : testing::Test {
  CrossFitting() { config.train.steps = 6; }

  Pools pools(const std::vector<int64_t>& labeled, int64_t unlabeled = 12) {
    int64_t next = 0;
    auto dataset = tinted_dataset(3 * *std::max_element(labeled.begin(), labeled.end()) + 3 * unlabeled);
    Pools result;
    result.labeled = tinted_pool(dataset, labeled, next);
    result.unlabeled = tinted_pool(dataset, {unlabeled, unlabeled, unlabeled}, next);
    result.validation.dataset = result.test.dataset = dataset;
    return result;
  }

  CrossFit fit(const Pools& faces) {
    networks.clear();
    const auto begin = [&](const ResolvedConfig& part, const Pools& given) {
      torch::manual_seed(networks.size());
      auto session = make_session(on_this_machine(part), given);
      networks.push_back({given, *part, session.state.average});
      return session;
    };
    return cross_fit(resolve(config), faces, begin, silent);
  }

  Config config = tinted_config();
  Observer silent;
  std::vector<Fitted> networks;
};

TEST_F(CrossFitting, JudgesEachLabeledFaceByANetworkThatNeverSawIt) {
  const auto faces = pools({9, 5, 2});
  const auto found = fit(faces);
  ASSERT_EQ(networks.size(), 4u);
  EXPECT_TRUE(torch::equal(found.labels, torch::tensor(labels_of(faces.labeled))));
  std::multiset<int64_t> held_out;
  for (auto& network : networks) {
    const auto& learned = network.pools.labeled.rows;
    EXPECT_EQ(network.pools.unlabeled.size() + network.pools.validation.size() + network.pools.test.size(), 0);
    Pool rest{faces.labeled.dataset, {}};
    std::vector<int64_t> positions, per_class(3);
    for (int64_t i = 0; i < faces.labeled.size(); ++i) {
      const auto row = faces.labeled.rows[i];
      if (std::find(learned.begin(), learned.end(), row) != learned.end()) continue;
      rest.rows.push_back(row);
      positions.push_back(i);
      held_out.insert(row);
      ++per_class[faces.labeled.dataset->records[row].label];
    }
    EXPECT_EQ(rest.size() + network.pools.labeled.size(), faces.labeled.size());
    const std::vector<int64_t> counts = {9, 5, 2};
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_GE(per_class[c], counts[c] / 4) << c;
      EXPECT_LE(per_class[c], counts[c] / 4 + 1) << c;
    }
    const auto judged = predict(network.average, rest, network.config.views, torch::kCPU);
    EXPECT_TRUE(near(found.held_out.index_select(0, torch::tensor(positions)), judged.unshifted));
  }
  EXPECT_EQ(held_out, (std::multiset<int64_t>(faces.labeled.rows.begin(), faces.labeled.rows.end())));
  ASSERT_EQ(found.unlabeled.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(
        near(found.unlabeled[i], predict(networks[i].average, faces.unlabeled, networks[i].config.views, torch::kCPU).unshifted));
  }
}

TEST_F(CrossFitting, IsSupervisedOnTheNetworkOfTheRunAndNoLongerThanLabelsTeach) {
  config.algorithm = "flexmatch";
  config.imbalance = {.alignment = "labeled", .shares = "unlabeled", .aim = "balanced"};
  config.outliers.reject = "distance";
  config.teacher.model = "nowhere";
  config.set("model.semantic.enabled", Json(true));
  config.train.steps = 1000;
  const auto faces = pools({3, 3, 1});
  fit(faces);
  ASSERT_EQ(networks.size(), 4u);
  for (const auto& network : networks) {
    EXPECT_EQ(network.config.algorithm, "supervised");
    EXPECT_EQ(network.config.teacher.model, "");
    EXPECT_EQ(network.config.imbalance.shares, "labeled");
    EXPECT_EQ(network.config.imbalance.aim, "accuracy");
    EXPECT_EQ(network.config.outliers.reject, "none");
    EXPECT_TRUE(network.config.model.semantic.enabled);
    EXPECT_FALSE(network.config.model.class_shift);
    EXPECT_EQ(network.config.train.steps, 18);  // 30 passes over five labels, 8 a step
  }
  config.train.steps = 200;
  fit(faces);
  const double views = 200 * (8 + 2 * 8), all_folds = static_cast<double>(4 * 8 * networks.front().config.train.steps);
  EXPECT_LE(all_folds, 0.15 * views + 4 * 8);
}

TEST_F(CrossFitting, ToCalibrateTakesNoMoreStepsThanTheRun) {
  const auto fitted = [&](int64_t steps, const Pools& faces) {
    config.train.steps = steps;
    networks.clear();
    const auto begin = [&](const ResolvedConfig& part, const Pools& given) {
      auto session = make_session(on_this_machine(part), given);
      networks.push_back({given, *part, session.state.average});
      return session;
    };
    return cross_fit_labels(resolve(config), faces, begin, silent);
  };
  const auto faces = pools({4, 4, 4});
  const auto found = fitted(47, faces);
  EXPECT_EQ(found.held_out.sizes(), (std::vector<int64_t>{12, 3}));
  EXPECT_TRUE(found.unlabeled.empty());
  ASSERT_EQ(networks.size(), 4u);
  for (const auto& network : networks) {
    EXPECT_EQ(network.config.algorithm, "supervised");
    EXPECT_EQ(network.config.train.steps, 11);  // ⌊47 / 4⌋
    EXPECT_TRUE(network.config.average.growth);
  }
  fitted(1000, faces);
  EXPECT_EQ(networks.front().config.train.steps, 33);  // 30 passes over nine labels, 8 a step
  EXPECT_EQ(fitted(39, faces).labels.numel(), 0);      // nine steps are none
  EXPECT_EQ(fitted(400, pools({0, 1, 0})).labels.numel(), 0);
}

TEST_F(CrossFitting, TakesFewLabels) {
  EXPECT_EQ(fit(pools({1, 1, 1})).held_out.size(0), 3);
  ASSERT_EQ(networks.size(), 3u);
  for (const auto& network : networks) EXPECT_EQ(network.pools.labeled.size(), 2);
  const auto one = fit(pools({0, 1, 0}));
  EXPECT_TRUE(networks.empty());
  EXPECT_EQ(one.held_out.sizes(), (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(one.labels.numel(), 0);
  EXPECT_TRUE(one.unlabeled.empty());
  auto no_unlabeled = pools({2, 2, 2});
  no_unlabeled.unlabeled.rows.clear();
  EXPECT_TRUE(fit(no_unlabeled).unlabeled.empty());
}

TEST_F(CrossFitting, IsTheSameAgainWhateverTheUnlabeledFacesAre) {
  auto faces = pools({3, 3, 3});
  const auto first = fit(faces);
  const auto other = std::make_shared<Dataset>(*faces.labeled.dataset);
  for (const auto row : faces.unlabeled.rows) other->records[row].label = (row / 7) % 4 - 1;  // kUnlabeled among them
  faces.unlabeled.dataset = other;
  const auto second = fit(faces);
  EXPECT_TRUE(torch::equal(first.held_out, second.held_out));
  for (size_t i = 0; i < first.unlabeled.size(); ++i) EXPECT_TRUE(torch::equal(first.unlabeled[i], second.unlabeled[i]));
  config.train.seed = 1;
  EXPECT_FALSE(torch::equal(first.held_out, fit(faces).held_out));
}

}  // namespace
}  // namespace leaf
