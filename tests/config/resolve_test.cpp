#include "leaf/config/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/config/method.h"
#include "tests/error_of.h"
#include "tests/instructions.h"

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

TEST(Resolve, PassesEachViewAloneWhereThePublicCodeDoes) {
  for (const std::string name : {"pseudo_label", "pi_model", "mean_teacher", "vat", "mixmatch", "remixmatch"}) {
    auto request = tiny_request();
    request.algorithm = name;
    EXPECT_EQ(resolve(request)->train.passes, "separate") << name;
    request.set("train.passes", Json("joint"));
    EXPECT_EQ(resolve(request)->train.passes, "joint") << name;
  }
  for (const std::string name : {"leaf", "fixmatch", "dash"}) {
    auto request = tiny_request();
    request.algorithm = name;
    EXPECT_EQ(resolve(request)->train.passes, "joint") << name;
  }
}

TEST(Resolve, LetsTheTeacherOfMeanTeacherForgetItsRandomStart) {
  auto request = tiny_request();
  EXPECT_FALSE(resolve(request)->average.growth);
  request.algorithm = "mean_teacher";
  EXPECT_TRUE(resolve(request)->average.growth);
  EXPECT_EQ(resolve(request)->model.dropout, 0);
  request.set("average.growth", Json(false));
  EXPECT_FALSE(resolve(request)->average.growth);
}

TEST(Resolve, EstimatesNoSharesWhereEvenOnesAreAskedFor) {
  auto request = tiny_request();
  request.data.labels = 80;
  request.train.recipe = "scratch";
  EXPECT_EQ(resolve(request)->imbalance.shares, "unlabeled");
  request.set("imbalance.alignment", Json("labeled"));
  EXPECT_EQ(resolve(request)->imbalance.shares, "unlabeled");
  request.set("imbalance.alignment", Json("uniform"));
  EXPECT_EQ(resolve(request)->imbalance.shares, "labeled");
  EXPECT_FALSE(resolve(request)->model.class_shift);
  request.set("imbalance.shares", Json("unlabeled"));
  EXPECT_THROW(resolve(request), UsageError);
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

TEST(Resolve, RefusesAPrecisionThatTheMachineComputesSlowly) {
  const KeepInstructions keep;
  limit_instructions(Instructions::kAvx2);
  auto request = tiny_request();
  request.train.device = "cpu";
  request.model.precision = "bfloat16";
  const auto config = resolve(request);  // another machine may have it
  EXPECT_THAT(error_of([&] { on_this_machine(config); }), testing::HasSubstr("set model.precision to auto or float32"));
  request.model.precision = "auto";
  EXPECT_EQ(on_this_machine(resolve(request))->model.precision, "float32");
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

TEST(Resolve, HoldsLabelsBackOnlyWhereTheyMeasure) {
  auto request = tiny_request();
  EXPECT_EQ(resolve(request)->data.validation, 0);
  request.outliers.reject = "distance";
  EXPECT_EQ(resolve(request)->data.validation, 0.1);
  request.data.validation_source = "part";
  EXPECT_EQ(resolve(request)->data.validation, 0);
  Config pretraining;
  pretraining.algorithm = "simclr";
  EXPECT_EQ(resolve(pretraining)->data.validation, 0.1);
  pretraining.data.validation_source = "part";
  EXPECT_EQ(resolve(pretraining)->data.validation, 0);
  pretraining.data.validation_source = "";
  pretraining.set("data.validation", Json(0.0));
  EXPECT_EQ(resolve(pretraining)->data.validation, 0);
}

TEST(Resolve, BelievesTheSharesOfLabelsThatAreAsTheyCome) {
  auto request = tiny_request();
  request.train.recipe = "scratch";
  const auto shares = [&](const std::string& split, double labels) {
    request.data.split = split;
    request.data.labels = labels;
    return resolve(request)->imbalance.shares;
  };
  EXPECT_EQ(shares("per_class", 80), "unlabeled");
  EXPECT_EQ(shares("authors", 80), "unlabeled");
  EXPECT_EQ(shares("random", 80), "labeled");
  EXPECT_EQ(shares("fraction", 0.1), "labeled");
  EXPECT_EQ(shares("per_class", 0), "labeled");
  request.set("imbalance.shares", Json("unlabeled"));
  EXPECT_EQ(shares("random", 80), "unlabeled");
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

TEST(Resolve, SpendsTheBudgetOfViewsOnTeacherAndAlgorithm) {
  auto request = tiny_request();
  request.train.recipe = "pretrained";
  request.teacher = {.model = "teacher.safetensors", .first = 0.4, .batch = 20};
  const int64_t first = 8 + 20, whole = 8 + 3 * 8;
  for (const int64_t views : {1000, 1001, 5555, 100000}) {
    request.train.views = views;
    const auto config = resolve(request);
    const auto& train = config->train;
    const int64_t spent = train.labeled_steps * first + (train.steps - train.labeled_steps) * whole;
    EXPECT_LE(spent, views);
    EXPECT_GT(spent, views - whole);
    EXPECT_NEAR(static_cast<double>(train.labeled_steps * first), 0.4 * static_cast<double>(views), first);
  }
  request.train.views = 0;
  request.train.steps = 1000;
  const auto train = resolve(request)->train;
  EXPECT_EQ(train.steps, 1000);
  const auto taught = static_cast<double>(train.labeled_steps * first),
             rest = static_cast<double>((1000 - train.labeled_steps) * whole);
  EXPECT_NEAR(taught / (taught + rest), 0.4, 0.002);
  request.algorithm = "supervised";
  const auto alone = resolve(request)->train;
  EXPECT_NEAR(static_cast<double>(alone.labeled_steps * first) /
                  static_cast<double>(alone.labeled_steps * first + (1000 - alone.labeled_steps) * 8),
              0.4, 0.02);
  request.teacher.first = 0;
  EXPECT_EQ(resolve(request)->train.labeled_steps, 0);
  request.algorithm = "leaf";
  request.teacher.first = 1;
  EXPECT_THROW(resolve(request), UsageError);
}

TEST(Resolve, GoesOnOnlyWithAModelThatIsNamed) {
  auto request = tiny_request();
  request.train.recipe = "continued";
  EXPECT_THROW(resolve(request), UsageError);
  request.model.weights = "model.safetensors";
  const auto config = resolve(request);
  EXPECT_FALSE(config->model.unit_length);
}

TEST(Resolve, LearnsFromNoTeacherBeforePublishedRuns) {
  auto request = tiny_request();
  request.teacher.model = "teacher.safetensors";
  EXPECT_EQ(resolve(request)->train.labeled_steps, 0);
  request.train.labeled_steps = 2;
  EXPECT_EQ(resolve(request)->train.labeled_steps, 2);
}

TEST(Resolve, ShiftsTheModelForWhatItAimsAt) {
  auto request = tiny_request();
  EXPECT_FALSE(resolve(request)->model.class_shift);
  request.imbalance.aim = "balanced";
  EXPECT_TRUE(resolve(request)->model.class_shift);
  EXPECT_EQ(resolve(request)->imbalance.shares, "labeled");
  request.set("model.class_shift", Json(false));
  EXPECT_THROW(resolve(request), UsageError);
}

TEST(Resolve, RefusesWhatNeedsLabelsWhereThereAreNone) {
  for (const auto& [key, value] : {std::pair<std::string, Json>("teacher.model", "teacher.safetensors"),
                                   {"imbalance.aim", "balanced"},
                                   {"imbalance.shares", "unlabeled"},
                                   {"train.recipe", "continued"}}) {
    Config request;
    request.algorithm = "simclr";
    EXPECT_NO_THROW(resolve(request));
    request.set(key, value);
    try {
      resolve(request);
      FAIL() << key;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr(key), testing::HasSubstr("has no place in simclr")));
    }
  }
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
