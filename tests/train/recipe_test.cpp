#include "leaf/train/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/session.h"

namespace leaf {
namespace {

Config with_recipe(const std::string& recipe, const std::string& algorithm = "leaf") {
  Config config;
  config.apply_method("paper");
  config.algorithm = algorithm;
  config.train.recipe = recipe;
  return config;
}

TEST(Recipe, LeavesThePublishedValuesAlone) {
  auto config = resolved(with_recipe("published"));
  EXPECT_EQ(config.optimizer.kind, "adam");
  EXPECT_EQ(config.model.scale, 1);
  EXPECT_EQ(config.imbalance.shares, "labeled");
  EXPECT_FALSE(config.model.class_shift);
  EXPECT_EQ(config.optimizer.warm_up, 0);
}

TEST(Recipe, FollowsTheWeights) {
  auto config = with_recipe("auto");
  EXPECT_EQ(resolved(config).train.recipe, "scratch");
  config.model.weights = "runs/pretrained";
  EXPECT_EQ(resolved(config).train.recipe, "pretrained");
  EXPECT_THAT(recipe_reason(config), testing::HasSubstr("runs/pretrained"));
}

TEST(Recipe, SetsOnlyWhatNobodySet) {
  auto config = with_recipe("scratch");
  config.set("optimizer.learning_rate", Json(0.25));
  config.set("train.unlabeled_batch", Json(5));
  config.set("algorithm.threshold.decay", Json(0.5));
  config = resolved(config);
  EXPECT_EQ(config.optimizer.learning_rate, 0.25);
  EXPECT_EQ(config.train.unlabeled_batch, 5);
  EXPECT_EQ(config.algorithm_options.at("threshold.decay"), 0.5);
  EXPECT_TRUE(config.model.learn_scale);
  EXPECT_TRUE(config.model.class_shift);
  EXPECT_GT(config.optimizer.warm_up, 0);
  EXPECT_EQ(resolved(config).to_json(), config.to_json());
}

TEST(Recipe, GivesEveryAlgorithmOneNetwork) {
  for (const auto& name : {"supervised", "fixmatch", "ada_cm", "leaf"}) {
    auto config = resolved(with_recipe("scratch", name));
    EXPECT_TRUE(config.model.unit_length) << name;
    EXPECT_EQ(config.model.dropout, 0) << name;
    EXPECT_EQ(config.model.semantic.enabled, algorithms().at(name).description.brings_levels()) << name;
  }
}

}  // namespace
}  // namespace leaf
