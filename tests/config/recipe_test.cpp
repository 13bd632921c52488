#include "leaf/config/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/config/resolve.h"

namespace leaf {
namespace {

Config with_recipe(const std::string& recipe, const std::string& algorithm = "leaf") {
  Config config;
  config.method = "paper";
  config.algorithm = algorithm;
  config.train.recipe = recipe;
  return config;
}

TEST(Recipe, LeavesThePublishedValuesAlone) {
  const auto config = *resolve(with_recipe("published"));
  EXPECT_EQ(config.optimizer.kind, "adam");
  EXPECT_EQ(config.model.scale, 1);
  EXPECT_EQ(config.imbalance.shares, "labeled");
  EXPECT_FALSE(config.model.class_shift);
  EXPECT_EQ(config.optimizer.warm_up, 0);
}

TEST(Recipe, FollowsTheWeights) {
  auto config = with_recipe("auto");
  EXPECT_EQ(resolve(config)->train.recipe, "scratch");
  config.model.weights = "runs/pretrained";
  EXPECT_EQ(resolve(config)->train.recipe, "pretrained");
  EXPECT_THAT(recipe_reason(config), testing::HasSubstr("the encoder begins with pretrained"));
}

TEST(Recipe, GoesOnWithAModelOfExpressions) {
  auto request = with_recipe("continued");
  request.model.weights = "model.safetensors";
  const auto config = *resolve(request);
  EXPECT_FALSE(config.model.unit_length);
  EXPECT_FALSE(config.model.learn_scale);
  EXPECT_EQ(config.model.scale, 1);
  EXPECT_EQ(config.optimizer.learning_rate, 3e-4);
  EXPECT_EQ(config.optimizer.kind, "adamw");
  EXPECT_EQ(config.model.dropout, 0);
  EXPECT_THAT(recipe_reason(config), testing::HasSubstr("recipe continued: model.safetensors knows expressions already"));
  EXPECT_EQ(resolve(config)->to_json(), config.to_json());
}

TEST(Recipe, SetsOnlyWhatNobodySet) {
  auto request = with_recipe("scratch");
  request.data.labels = 80;  // evenly chosen: they do not tell the class shares
  request.set("optimizer.learning_rate", Json(0.25));
  request.set("train.unlabeled_batch", Json(5));
  request.set("algorithm.threshold.decay", Json(0.5));
  const auto config = *resolve(request);
  EXPECT_EQ(config.optimizer.learning_rate, 0.25);
  EXPECT_EQ(config.train.unlabeled_batch, 5);
  EXPECT_EQ(config.algorithm_options.at("threshold.decay"), 0.5);
  EXPECT_TRUE(config.model.learn_scale);
  EXPECT_TRUE(config.model.class_shift);
  EXPECT_GT(config.optimizer.warm_up, 0);
  EXPECT_EQ(resolve(config)->to_json(), config.to_json());
}

TEST(Recipe, GivesEveryAlgorithmOneNetwork) {
  for (const auto& name : {"supervised", "fixmatch", "ada_cm", "leaf"}) {
    const auto config = *resolve(with_recipe("scratch", name));
    EXPECT_TRUE(config.model.unit_length) << name;
    EXPECT_EQ(config.model.dropout, 0) << name;
    EXPECT_EQ(config.model.semantic.enabled, algorithms().at(name).description.brings_levels()) << name;
  }
}

}  // namespace
}  // namespace leaf
