#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/functional/loss.h>

#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/category.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

constexpr int64_t kClasses = 7, kSize = 16;

ModelOptions small_model() {
  ModelOptions options;
  options.backbone = "resnet10_half";
  options.stem = "imagenet";
  options.dropout = 0;
  options.semantic.gate = options.instance.gate = "top_k";  // without noise the passes can be repeated
  options.scale = 16;
  return options;
}

AlgorithmContext context() {
  AlgorithmContext result;
  result.classes = kClasses;
  result.joint_passes = false;
  result.prior = std::vector<double>(kClasses, 1.0 / kClasses);
  result.gate_balance = 1;
  return result;
}

Batch batch(int64_t labeled = 4, int64_t unlabeled = 6) {
  torch::manual_seed(3);
  Batch result;
  result.labeled = torch::randn({labeled, 3, kSize, kSize});
  result.labels = torch::arange(labeled) % kClasses;
  result.targets = torch::one_hot(result.labels, kClasses).to(torch::kFloat32);
  result.weak = {torch::randn({unlabeled, 3, kSize, kSize}), torch::randn({unlabeled, 3, kSize, kSize})};
  result.strong = {torch::randn({unlabeled, 3, kSize, kSize})};
  return result;
}

Model fresh_model(const ModelOptions& options = small_model()) {
  torch::manual_seed(1);
  return make_model(options, kClasses, kSize);
}

std::shared_ptr<Algorithm> make(const std::string& name, const Json& options = Json::object(), AlgorithmContext how = context()) {
  if (algorithms().at(name).description.category.empty()) how.category.enabled = false;
  return make_algorithm(name, how, options);
}

double value(const Objective& objective, const std::string& name) {
  for (const auto& term : objective.terms()) {
    if (term.name == name) return term.value.item<double>();
  }
  ADD_FAILURE() << "no term " << name;
  return 0;
}

/// The objective again, step by step from the specification (section 2), with the same passes.
TEST(Leaf, IsTheObjectiveOfThePaper) {
  for (const std::string mask : {"face", "batch"}) {
    const auto data = batch();
    auto again = fresh_model();
    again->train();
    const auto x = again->forward(data.labeled), u = again->forward(data.weak[0]), v = again->forward(data.weak[1]),
               s = again->forward(data.strong[0]);
    const auto q = (u.logits.softmax(1) + v.logits.softmax(1)) / 2;
    const auto sorted = std::get<0>(std::get<0>(q.max(1)).sort());
    const double threshold = (sorted[2].item<double>() + sorted[3].item<double>()) / 2;  // three faces of six are sure
    const auto sure = (std::get<0>(q.max(1)) >= threshold).to(torch::kFloat32);
    ASSERT_EQ(sure.sum().item<float>(), 3);

    auto model = fresh_model();
    model->train();
    auto leaf = make("leaf", {{"mask", mask}, {"threshold.kind", "fixed"}, {"threshold.value", threshold}});
    const auto objective = leaf->objective(model, data);
    const auto ambiguous = ambiguous_labels(((u.logits + v.logits) / 2).softmax(1), CategoryOptions{});
    const auto loss = ambiguous_loss(s.logits, ambiguous) * ambiguous.weight;
    const auto ce = torch::nn::functional::cross_entropy(s.logits, q.argmax(1));
    const auto beta = ce / loss.mean();
    const auto category = mask == "face" ? (loss * beta * sure).mean() : loss.mean() * beta * sure.mean();
    const auto supervised = torch::nn::functional::cross_entropy(x.logits, data.labels);
    EXPECT_NEAR(value(objective, "supervised"), supervised.item<double>(), 1e-5);
    EXPECT_NEAR(value(objective, "category"), category.item<double>(), 1e-5);
    EXPECT_NEAR(value(objective, "consistency"), contrast(u.features, v.features, sure < 0.5, 0.07).item<double>(), 1e-5);
    const double total = 0.5 * value(objective, "supervised") + value(objective, "category") +
                         0.1 * value(objective, "consistency") + value(objective, "balance");
    EXPECT_NEAR(objective.total().item<double>(), total, 1e-5);
  }
}

TEST(Leaf, LetsAnUnsureFaceSendNoGradientThroughItsStrongView) {
  auto model = fresh_model();
  auto data = batch();
  data.strong[0].set_requires_grad(true);
  const auto gradient = [&](const std::string& mask) {
    data.strong[0].mutable_grad() = torch::Tensor();
    make("leaf", {{"mask", mask}, {"threshold.kind", "fixed"}, {"threshold.value", 1.0}})
        ->objective(model, data)
        .total()
        .backward();
    return data.strong[0].grad().defined() ? data.strong[0].grad().abs().sum().item<double>() : 0.0;
  };
  EXPECT_EQ(gradient("face"), 0);
  EXPECT_EQ(gradient("batch"), 0);  // no face is sure: their share is 0
}

TEST(Leaf, SendsNoGradientThroughThePseudoLabel) {
  auto model = fresh_model();
  auto data = batch();
  for (auto& view : data.weak) view.set_requires_grad(true);
  auto leaf = make("leaf", {{"threshold.kind", "fixed"}, {"threshold.value", 0.0}});
  leaf->objective(model, data).total().backward();  // every face is sure: no contrastive loss either
  for (const auto& view : data.weak) {
    EXPECT_EQ(view.grad().defined() ? view.grad().abs().sum().item<double>() : 0.0, 0);
  }
}

TEST(Leaf, HasGatesThatLearnInPaperModeAndNotInReferenceMode) {
  for (const bool paper : {true, false}) {
    auto options = small_model();
    if (!paper) {
      options.semantic.shared = options.instance.shared = true;
      options.semantic.top_k = options.instance.top_k = 1;
      options.semantic.fusion = options.instance.fusion = "log_sum_exp";
      options.instance_on = "features";
    }
    auto model = fresh_model(options);
    auto leaf = make("leaf", {{"threshold.kind", "fixed"}, {"threshold.value", 0.2}});
    leaf->objective(model, batch()).total().backward();
    double largest = 0;
    for (const auto& parameter : model->named_parameters()) {
      if (parameter.key().find("w_gate") == std::string::npos || !parameter.value().grad().defined()) continue;
      largest = std::max(largest, parameter.value().grad().abs().max().item<double>());
    }
    if (paper) {
      EXPECT_GT(largest, 1e-8);
    } else {
      EXPECT_LT(largest, 1e-8);
    }
  }
}

TEST(Leaf, UsesOrdinaryPseudoLabelsWithoutTheCategoryLevel) {
  auto model = fresh_model();
  model->train();
  auto how = context();
  how.category.enabled = false;
  const auto data = batch();
  const auto objective = make("leaf", {{"threshold.kind", "fixed"}, {"threshold.value", 0.0}}, how)->objective(model, data);
  auto again = fresh_model();
  again->train();
  again->forward(data.labeled);
  const auto u = again->forward(data.weak[0]), v = again->forward(data.weak[1]), s = again->forward(data.strong[0]);
  const auto label = (u.logits.softmax(1) + v.logits.softmax(1)).argmax(1);
  EXPECT_NEAR(value(objective, "category"), torch::nn::functional::cross_entropy(s.logits, label).item<double>(), 1e-5);
}

/// With full trust the classes of the category level are the teacher's, and so is what a face counts as.
TEST(Leaf, TakesItsAmbiguousTargetFromATeacherInPart) {
  auto data = batch();
  torch::manual_seed(4);
  data.taught = (3 * torch::randn({6, kClasses})).softmax(1);
  for (const double trust : {1.0, 0.25}) {
    auto how = context();
    how.trust = trust;
    auto model = fresh_model();
    const auto found = make("leaf", {{"threshold.kind", "fixed"}, {"threshold.value", 0.0}}, how)->objective(model, data);
    const auto first = model->forward(data.weak[0]), second = model->forward(data.weak[1]),
               strong = model->forward(data.strong[0]);
    const auto believed = torch::lerp((first.probabilities() + second.probabilities()) / 2, data.taught, trust).detach();
    const auto target = torch::lerp(((first.logits + second.logits) / 2).softmax(1), data.taught, trust).detach();
    const auto expected =
        category_loss(strong.logits, ambiguous_labels(target, how.category), cross_entropy(strong.logits, believed.argmax(1)));
    EXPECT_NEAR(value(found, "category"), expected.mean().item<double>(), 1e-4) << trust;
  }
}

TEST(Leaf, KeepsItsThresholdsAsState) {
  auto leaf = make("leaf");
  const auto logits = 10 * torch::one_hot(torch::arange(kClasses), kClasses).to(torch::kFloat32);
  leaf->adapt({logits, torch::arange(kClasses)}, 5);
  const double confidence = logits.softmax(1)[0].max().item<double>();
  EXPECT_NEAR(leaf->thresholds()[0].item<double>(), std::max(0.8, 0.97 * confidence / (1 + std::exp(-5.0))), 1e-6);
  EXPECT_EQ(leaf->buffers().size(), 1u);
}

TEST(Leaf, TakesOneFaceAndNoConfidentFace) {
  auto model = fresh_model();
  model->eval();  // batch statistics of one face at 1×1 pixel do not exist
  const auto objective = make("leaf")->objective(model, batch(1, 1));
  EXPECT_TRUE(std::isfinite(objective.total().item<double>()));
  EXPECT_EQ(value(objective, "category"), 0);
}

TEST(Supervised, IsTheCrossEntropyOfTheLabeledFaces) {
  auto model = fresh_model();
  model->train();
  const auto data = batch();
  const auto objective = make("supervised")->objective(model, data);
  auto again = fresh_model();
  again->train();
  EXPECT_NEAR(value(objective, "supervised"),
              torch::nn::functional::cross_entropy(again->forward(data.labeled).logits, data.labels).item<double>(), 1e-5);
}

}  // namespace
}  // namespace leaf
