#include "leaf/runs/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace leaf {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Of three classes with 100 test faces each, so many are right.
Metrics metrics(int64_t neutral, int64_t happiness, int64_t fear) {
  std::vector<int64_t> labels, predicted;
  const int64_t right[] = {neutral, happiness, fear};
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t i = 0; i < 100; ++i) {
      labels.push_back(c);
      predicted.push_back(i < right[c] ? c : (c + 1) % 3);
    }
  }
  return measure({"neutral", "happiness", "fear"}, labels, predicted);
}

/// A run after which nothing stands out: balanced classes, a flat end, weights from elsewhere, many confident faces.
Outcome ordinary() {
  return {.test = metrics(80, 82, 78),
          .validation = {0.5, 0.7, 0.78, 0.79, 0.80, 0.80, 0.80, 0.80},
          .validation_faces = 1000,
          .steps = 3200,
          .labels = {20, 20, 20},
          .pretrained = true,
          .confident = 0.6,
          .supervised = std::nullopt,
          .more_confident = "--set algorithm.threshold=0.7"};
}

TEST(Advise, SaysAccuracyIntervalAndWeakestClass) {
  const auto advice = advise(ordinary());
  EXPECT_THAT(advice.sentence,
              AllOf(HasSubstr("accuracy 80.0 % (95 % interval 75.1 to 84.1)"), HasSubstr("weakest class: fear, 78.0 % of 100"),
                    HasSubstr("supervised learning alone was not run (--baseline)"),
                    HasSubstr("next: label more faces; 60 are labeled")));
  EXPECT_EQ(advice.weakest, "fear");
  EXPECT_NEAR(advice.weakest_recall, 0.78, 1e-12);
  const auto json = to_json(advice);
  EXPECT_TRUE(json.at("supervised_accuracy").is_null());
  EXPECT_EQ(json.at("sentence"), advice.sentence);
}

TEST(Advise, ComparesWithSupervisedLearning) {
  auto outcome = ordinary();
  outcome.supervised = 0.7;
  EXPECT_THAT(advise(outcome).sentence,
              HasSubstr("supervised learning alone gave 70.0 %: the unlabeled faces brought 10.0 points"));
  outcome.supervised = 0.81;  // within the error of 300 faces
  EXPECT_THAT(advise(outcome).sentence,
              AllOf(HasSubstr("the unlabeled faces cost 1.0 points"), HasSubstr("next: label more faces")));
  outcome.supervised = 0.9;
  EXPECT_THAT(advise(outcome).next, AllOf(HasSubstr("--algorithm supervised"), HasSubstr("outliers.reject=distance")));
  outcome.unlabeled = false;
  EXPECT_THAT(advise(outcome).sentence, Not(HasSubstr("unlabeled faces")));
}

TEST(Advise, AsksForConfidenceWhereThereIsHardlyAny) {
  auto outcome = ordinary();
  outcome.confident = 0.04;
  EXPECT_THAT(advise(outcome).next, HasSubstr("--set algorithm.threshold=0.7, since only 4.0 %"));
  outcome.confident = 0.06;
  EXPECT_THAT(advise(outcome).next, Not(HasSubstr("threshold")));
}

TEST(Advise, AsksForMoreStepsWhileValidationRises) {
  auto outcome = ordinary();
  outcome.validation = {0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8};
  EXPECT_THAT(advise(outcome).next,
              HasSubstr("--steps 6400, since validation accuracy still rose at the end, from 67.5 % to 77.5 %"));
  outcome.views = 100;
  EXPECT_THAT(advise(outcome).next, HasSubstr("--views 200, since"));
  outcome.validation_faces = 10;  // 10 points are chance
  EXPECT_THAT(advise(outcome).next, Not(HasSubstr("--views")));
  outcome.validation = {0.1, 0.9};  // no quarter to compare
  outcome.validation_faces = 1000;
  EXPECT_THAT(advise(outcome).next, Not(HasSubstr("--views")));
}

TEST(Advise, AsksForLabelsOfAClassFarBelowTheOthers) {
  auto outcome = ordinary();
  outcome.test = metrics(80, 82, 40);
  EXPECT_THAT(advise(outcome).next,
              HasSubstr("label more faces of fear, which has 20; the other classes reach 81.0 % on average"));
  outcome.labels[2] = 500;
  EXPECT_THAT(advise(outcome).next, Not(HasSubstr("of fear")));
}

TEST(Advise, AsksForWeightsAfterARandomBeginning) {
  auto outcome = ordinary();
  outcome.pretrained = false;
  EXPECT_THAT(advise(outcome).next, HasSubstr("leaf pretrain"));
}

TEST(Advise, ComparesWithTheModelThatTheRunBeganWith) {
  auto outcome = ordinary();
  EXPECT_THAT(advise(outcome).sentence, Not(HasSubstr("it began with")));
  outcome.start = 0.7;
  EXPECT_THAT(advise(outcome).sentence, HasSubstr("; it began with 70.0 %: training brought 10.0 points;"));
  EXPECT_THAT(advise(outcome).next, HasSubstr("label more faces"));
  outcome.start = 0.9;
  EXPECT_THAT(advise(outcome).sentence, HasSubstr("; it began with 90.0 %: training cost 10.0 points;"));
  EXPECT_THAT(advise(outcome).next, testing::StartsWith("keep the model that the run began with"));
}

TEST(Advise, SaysNothingWithoutTestFaces) {
  auto outcome = ordinary();
  outcome.test = measure({"neutral"}, {}, {});
  EXPECT_EQ(advise(outcome).sentence, "");
  EXPECT_EQ(advise(outcome).next, "");
}

TEST(BinomialInterval, HoldsAtTheEnds) {
  const auto [low, high] = binomial_interval(1, 10);
  EXPECT_NEAR(low, 0.7225, 1e-4);  // 10/(10 + 1.96²)
  EXPECT_NEAR(high, 1, 1e-12);
  EXPECT_NEAR(binomial_interval(0, 10).second, 1 - low, 1e-12);
  EXPECT_EQ(sampling_error(0.5, 0), 0);
  EXPECT_NEAR(sampling_error(0.5, 100), 0.05, 1e-12);
}

TEST(MoreConfident, NamesTheOptionThatTheRunHas) {
  Config config;
  config.model.scale = 1;
  config.algorithm_options = {{"threshold", 0.95}};
  EXPECT_EQ(more_confident(config), "--set model.scale=16");
  config.model.scale = 16;
  EXPECT_EQ(more_confident(config), "--set algorithm.threshold=0.76");
  config.algorithm_options = {
      {"threshold.kind", "adaptive"}, {"threshold.initial", 0.8}, {"threshold.floor", 0.75}, {"threshold.value", 0.9}};
  EXPECT_EQ(more_confident(config), "--set algorithm.threshold.initial=0.64 --set algorithm.threshold.floor=0.6");
  config.algorithm_options["threshold.kind"] = "fixed";
  EXPECT_EQ(more_confident(config), "--set algorithm.threshold.value=0.72");
  config.algorithm_options = Json::object();
  EXPECT_EQ(more_confident(config), "");
}

}  // namespace
}  // namespace leaf
