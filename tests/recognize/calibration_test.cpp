#include "leaf/recognize/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>

#include "leaf/base/error.h"
#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/recognize/recognizer.h"
#include "tests/recognize/drawn_model.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::HasSubstr;

/// Logits [n, 5] that are `times` too large for the labels, which are drawn from the softmax of what they should be.
std::pair<torch::Tensor, torch::Tensor> drawn(int64_t n, double times) {
  const auto logits = 2 * torch::randn({n, 5}, torch::kFloat64);
  return {logits * times, logits.softmax(1).multinomial(1).flatten()};
}

TEST(Calibration, FindsTheTemperatureThatAGridFinds) {
  torch::manual_seed(1);
  for (const double times : {0.4, 1.0, 3.0}) {
    for (const int64_t n : {4, 60, 2000}) {
      const auto [logits, labels] = drawn(n, times);
      double best = 1e300, found = 0;
      for (double t = 0.02; t < 50; t *= 1.002) {
        const double likely = (logits / t).log_softmax(1).gather(1, labels.unsqueeze(1)).sum().item<double>();
        const double loss = std::pow(1 / t - 1, 2) - likely;
        if (loss < best) best = loss, found = t;
      }
      EXPECT_NEAR(fit_temperature(logits, labels) / found, 1, 0.003) << times << " " << n;
      if (n == 2000) {
        EXPECT_NEAR(found / times, 1, 0.15);
      }
    }
  }
  EXPECT_EQ(fit_temperature(torch::zeros({0, 5}), torch::zeros({0}, torch::kInt64)), 1);
}

TEST(Calibration, TakesTheScoreOfTheRankThatFiniteSamplesNeed) {
  ModelCalibration nine{.scores = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}};
  EXPECT_EQ(score_limit(nine, 0.9), 0.9);   // ⌈10 · 0.9⌉ = 9
  EXPECT_EQ(score_limit(nine, 0.75), 0.8);  // ⌈7.5⌉ = 8
  EXPECT_EQ(score_limit(nine, 0.1), 0.1);
  EXPECT_TRUE(std::isinf(score_limit(nine, 0.91)));  // ⌈9.1⌉ = 10 of 9
  EXPECT_TRUE(std::isinf(score_limit({}, 0.5)));
}

TEST(Calibration, MakesSetsByHand) {
  const auto p = torch::tensor({{0.7, 0.2, 0.1}, {0.4, 0.35, 0.25}, {0.34, 0.33, 0.33}});
  const ModelCalibration fitted{.scores = {0.2, 0.78}};  // a coverage of a half: ⌈1.5⌉ = 2, classes from 0.22 on
  EXPECT_TRUE(torch::equal(class_sets(p, fitted, 0.5), torch::tensor({{1, 0, 0}, {1, 1, 1}, {1, 1, 1}}).to(torch::kBool)));
  const auto single = class_sets(p, ModelCalibration{.scores = {0.2, 0.78}}, 0.3);  // from 0.8 on, but never none
  EXPECT_TRUE(torch::equal(single, torch::tensor({{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}).to(torch::kBool)));
  EXPECT_TRUE(class_sets(p, fitted, 0.9).all().item<bool>());  // too few scores: nothing can be left out
  const auto by_mass = class_sets(p, std::nullopt, 0.72);
  EXPECT_TRUE(torch::equal(by_mass, torch::tensor({{1, 1, 0}, {1, 1, 0}, {1, 1, 1}}).to(torch::kBool)));
  const auto metrics = measure_sets(by_mass, torch::tensor({2, 1, 0}), 0.72);
  EXPECT_NEAR(metrics.coverage, 2.0 / 3, 1e-12);
  EXPECT_NEAR(metrics.mean_size, 7.0 / 3, 1e-12);
}

TEST(Calibration, CoversWhatIsAskedForWhateverTheModel) {
  torch::manual_seed(2);
  for (const int64_t n : {19, 1500}) {
    for (const double coverage : {0.8, 0.9}) {
      double sum = 0;
      const int rounds = n == 19 ? 400 : 20;
      for (int round = 0; round < rounds; ++round) {
        const auto [logits, labels] = drawn(n, 2.5);
        const auto fitted = fit_calibration(logits, labels, "folds");
        EXPECT_LE(fitted.scores.size(), 1000u);
        const auto [others, truth] = drawn(500, 2.5);
        sum += measure_sets(class_sets((others / fitted.temperature).softmax(1), fitted, coverage), truth, coverage).coverage;
      }
      const double mean = sum / rounds;
      EXPECT_GE(mean, coverage - 0.008) << n;
      EXPECT_LE(mean, coverage + 1.0 / static_cast<double>(n + 1) + 0.015) << n;
    }
  }
}

TEST(Calibration, IsReadAsItWasWrittenAndRefusesWhatIsNone) {
  const auto [logits, labels] = drawn(30, 2);
  const auto fitted = fit_calibration(logits, labels, "folds");
  const auto json = to_json(fitted);
  const auto again = read_calibration(parse_json(json.dump()), "x");
  EXPECT_EQ(again.temperature, fitted.temperature);
  EXPECT_EQ(again.scores, fitted.scores);
  EXPECT_EQ(again.fitted_on, "folds");
  EXPECT_EQ(again.faces, 30);
  for (const auto* patch : {R"({"temperature": 0})", R"({"temperature": 1e300})", R"({"temperature": "1"})",
                            R"({"temperature": null})", R"({"scores": 1})", R"({"scores": [1, "2"]})", R"({"scores": [2, 1]})",
                            R"({"faces": 1.5})", R"({"fitted_on": 3})", R"({"version": null})", R"({"version": "1"})"}) {
    auto broken = json;
    broken.update(parse_json(patch));
    EXPECT_THROW(read_calibration(broken, "x"), Error) << patch;
  }
  auto newer = json;
  newer["version"] = 2;
  try {
    read_calibration(newer, "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("version 2"));
  }
  for (const auto* other : {"null", "[]", "3", "{}", "\"a\""}) EXPECT_THROW(read_calibration(parse_json(other), "x"), Error);
}

TEST(Calibration, GoesIntoTheFileOfAModelAndItsProbabilities) {
  const TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  save_model(path, drawn_model());
  const auto before = read_safetensors(path);
  EXPECT_FALSE(load_model(path).calibration.has_value());
  std::vector<Image> faces;
  for (int64_t i = 0; i < 3; ++i) faces.push_back(synthetic_face({.size = 32}, i).image);
  const auto raw = Recognizer(path).recognize(faces);
  save_calibration(path, {.temperature = 2.5, .scores = {0.25, 0.5}, .fitted_on = "folds", .faces = 2});
  const auto after = read_safetensors(path);
  EXPECT_EQ(after.metadata.size(), before.metadata.size() + 1);
  for (const auto& [name, tensor] : before.tensors) EXPECT_TRUE(torch::equal(tensor, after.tensors.at(name))) << name;
  Recognizer recognizer(path);
  ASSERT_TRUE(recognizer.calibration().has_value());
  EXPECT_EQ(recognizer.calibration()->scores, (std::vector<double>{0.25, 0.5}));
  EXPECT_TRUE(near(recognizer.recognize(faces), raw.pow(1 / 2.5) / raw.pow(1 / 2.5).sum(1, true)));
  auto file = read_safetensors(path);
  file.metadata["calibration"] = "{";
  write_safetensors(path, file);
  EXPECT_THROW(load_model(path), Error);
}

}  // namespace
}  // namespace leaf
