#include "leaf/config/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/config/method.h"

namespace leaf {
namespace {

Config tiny_request(const std::string& method = "paper") {
  Config config;
  config.method = method;
  config.train.steps = 6;
  config.train.labeled_batch = 8;
  config.train.unlabeled_batch = 8;
  return config;
}

TEST(Resolve, SetsEverySwitchOfAMethod) {
  const auto paper = resolve(tiny_request()), reference = resolve(tiny_request("reference"));
  EXPECT_TRUE(reference->model.semantic.shared);
  EXPECT_EQ(reference->model.instance.top_k, 1);
  EXPECT_EQ(reference->model.instance_on, "features");
  EXPECT_EQ(reference->train.passes, "separate");
  EXPECT_EQ(reference->algorithm_options.at("mask"), "batch");
  EXPECT_FALSE(paper->model.semantic.shared);
  EXPECT_EQ(paper->algorithm_options.at("mask"), "face");
  for (const auto& [key, value] : method_presets("reference").items()) EXPECT_TRUE(method_presets("paper").contains(key)) << key;
  EXPECT_THROW(resolve(tiny_request("papr")), UsageError);
}

TEST(Resolve, TakesWhatWasSetThenRecipeThenAlgorithmThenMethod) {
  auto request = tiny_request("reference");
  request.algorithm = "fixmatch";
  request.train.recipe = "scratch";
  EXPECT_EQ(resolve(request)->train.passes, "separate");   // the method's alone
  EXPECT_FALSE(resolve(request)->model.semantic.enabled);  // the algorithm's
  EXPECT_TRUE(resolve(request)->model.unit_length);        // the recipe's over the algorithm's
  request.set("model.unit_length", Json(false));
  request.set("train.passes", Json("joint"));
  EXPECT_FALSE(resolve(request)->model.unit_length);
  EXPECT_EQ(resolve(request)->train.passes, "joint");
}

TEST(Resolve, LeavesToTheMachineWhatTheMachineDecides) {
  auto request = tiny_request();
  request.train.recipe = "scratch";
  const auto config = resolve(request);
  EXPECT_EQ(config->model.precision, "auto");
  EXPECT_EQ(config->train.device, "auto");
  EXPECT_EQ(config->train.threads, 0);
  const auto here = on_this_machine(with_threads(config, 3));
  EXPECT_THAT(here->model.precision, testing::AnyOf("float32", "bfloat16"));
  EXPECT_THAT(here->train.device, testing::AnyOf("cpu", "cuda"));
  EXPECT_EQ(here->train.threads, 3);
  EXPECT_EQ(difference(*here, *config), "");
  EXPECT_EQ(with_threads(here, 5)->train.threads, 3);
}

TEST(Resolve, KeepsTheRecipeWhenWeightsAreNamedLater) {
  auto request = tiny_request();
  request.train.recipe = "auto";
  request.weights_follow = true;
  const auto config = with_weights(resolve(request), "runs/encoder");
  EXPECT_EQ(config->train.recipe, "pretrained");
  request.model.weights = "runs/encoder";
  request.weights_follow = false;
  EXPECT_EQ(config->to_json(), resolve(request)->to_json());
}

TEST(Resolve, RefusesToSeeNoUnlabeledFace) {
  auto config = tiny_request();
  config.train.labeled_steps = 6;
  EXPECT_THROW(resolve(config), UsageError);
}

TEST(Resolve, DividesABudgetOfViewsIntoSteps) {
  auto config = tiny_request();
  config.train.views = 1000;  // 8 labeled views, and 3 of each of 8 unlabeled faces
  EXPECT_EQ(resolve(config)->train.steps, 31);
  config.algorithm = "supervised";
  EXPECT_EQ(resolve(config)->train.steps, 125);
  config.train.views = 5;
  EXPECT_THROW(resolve(config), UsageError);
}

TEST(Resolve, GivesAnAlgorithmTheNetworkOfItsPaperUnlessToldOtherwise) {
  auto config = tiny_request();
  config.algorithm = "fixmatch";
  config.set("model.semantic.enabled", std::string_view("true"));
  const auto plain = *resolve(config);
  EXPECT_TRUE(plain.model.semantic.enabled);
  EXPECT_FALSE(plain.model.instance.enabled);
  EXPECT_FALSE(plain.category.enabled);
  EXPECT_FALSE(plain.model.unit_length);
  config.algorithm = "leaf";
  EXPECT_TRUE(resolve(config)->category.enabled);
  config.algorithm = "mean_teacher";
  config.set("category.enabled", std::string_view("true"));
  EXPECT_THROW(resolve(config), UsageError);
}

}  // namespace
}  // namespace leaf
