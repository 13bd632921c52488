// What holds for every algorithm, on a small real network.
#include "leaf/ssl/algorithms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

constexpr int64_t kClasses = 5, kSize = 16, kLabeledPool = 6, kUnlabeledPool = 9;

Model small_model() {
  ModelOptions options;
  options.backbone = "resnet10_half";
  options.stem = "imagenet";
  options.scale = 16;
  torch::manual_seed(1);
  return make_model(options, kClasses, kSize);
}

AlgorithmContext context(int64_t labeled = 4, int64_t unlabeled = 6) {
  AlgorithmContext result;
  result.classes = kClasses;
  result.features = 256;
  result.map = {256, 1, 1};
  result.labeled_faces = kLabeledPool;
  result.unlabeled_faces = kUnlabeledPool;
  result.labeled_batch = labeled;
  result.unlabeled_batch = unlabeled;
  result.steps = 10;
  result.prior = {0.5, 0.25, 0.25, 0, 0};  // two classes have no label
  result.labels = {0, 1, 2, 0, 1, 0};
  result.gate_balance = 1;
  result.category.enabled = false;
  result.average = small_model();
  return result;
}

Batch batch(int64_t step = 5, int64_t labeled = 4, int64_t unlabeled = 6) {
  torch::manual_seed(3 + static_cast<uint64_t>(step));
  const auto views = [&](int64_t n) { return torch::randn({n, 3, kSize, kSize}); };
  Batch result;
  result.step = step;
  result.labeled = views(labeled);
  result.labeled_faces = torch::arange(labeled);
  result.labels = torch::tensor({0, 1, 2, 0, 1, 0}).slice(0, 0, labeled);
  result.targets = torch::one_hot(result.labels, kClasses).to(torch::kFloat32);
  result.labeled_strong = {views(labeled)};
  result.weak = {views(unlabeled), views(unlabeled)};
  result.strong = {views(unlabeled), views(unlabeled)};
  result.faces = torch::arange(unlabeled);
  return result;
}

bool finite(const torch::Tensor& values) { return values.isfinite().all().item<bool>(); }

void expect_finite(Algorithm& algorithm, Model& model, const Batch& data) {
  const auto total = algorithm.objective(model, data).total();
  EXPECT_TRUE(finite(total));
  total.backward();
  for (auto* module : {static_cast<torch::nn::Module*>(model.get()), static_cast<torch::nn::Module*>(&algorithm)}) {
    for (const auto& parameter : module->named_parameters()) {
      if (parameter.value().grad().defined()) {
        EXPECT_TRUE(finite(parameter.value().grad())) << parameter.key();
      }
    }
  }
}

struct EveryAlgorithm : testing::TestWithParam<std::string> {
  const std::string name = GetParam();
  const Description& about = algorithms().at(name).description;
  bool uses_unlabeled() const { return algorithms().at(name).description.views.unlabeled() > 0; }
};

TEST_P(EveryAlgorithm, HasFiniteLossesAndGradients) {
  for (const bool joint : {true, false}) {
    auto how = context();
    how.joint_passes = joint;
    auto model = small_model();
    const auto algorithm = make_algorithm(name, how, Json::object());
    for (int64_t step = 0; step < 4; ++step) expect_finite(*algorithm, model, batch(step));
    if (algorithm->thresholds().defined()) {
      EXPECT_EQ(algorithm->thresholds().sizes(), (std::vector<int64_t>{kClasses}));
    }
  }
}

TEST_P(EveryAlgorithm, TakesOneFace) {
  auto model = small_model();
  model->eval();  // batch statistics of one face do not exist
  const auto algorithm = make_algorithm(name, context(1, 1), Json::object());
  for (int64_t step = 0; step < 3; ++step) expect_finite(*algorithm, model, batch(step, 1, 1));
}

TEST_P(EveryAlgorithm, TakesABatchWithoutAConfidentFace) {
  const auto options =
      resolve_options(name, {{"threshold", 1.0}, {"threshold.kind", "fixed"}, {"threshold.value", 1.0}}, Json::object());
  auto model = small_model();
  const auto algorithm = make_algorithm(name, context(), options);
  for (int64_t step = 3; step < 5; ++step) expect_finite(*algorithm, model, batch(step));
}

TEST_P(EveryAlgorithm, LeavesTheMovingAverageAlone) {
  auto how = context();
  auto model = small_model();
  const auto before = how.average->named_parameters()["backbone.conv1.weight"].clone();
  const auto mean = how.average->named_buffers()["backbone.bn1.running_mean"].clone();
  make_algorithm(name, how, Json::object())->objective(model, batch()).total().backward();
  for (const auto& parameter : how.average->parameters()) EXPECT_FALSE(parameter.grad().defined());
  EXPECT_TRUE(torch::equal(how.average->named_parameters()["backbone.conv1.weight"], before));
  EXPECT_TRUE(torch::equal(how.average->named_buffers()["backbone.bn1.running_mean"], mean));
}

TEST_P(EveryAlgorithm, HasAPlaceForTheCategoryLevelOrSaysWhyNot) {
  auto how = context();
  how.category.enabled = true;
  auto model = small_model();
  if (about.category.empty()) {
    EXPECT_FALSE(about.no_category.empty());
    EXPECT_THROW(make_algorithm(name, how, Json::object()), UsageError);
    return;
  }
  const auto with = make_algorithm(name, how, Json::object());
  expect_finite(*with, model, batch());
  how.classes = 3;
  how.prior = {1, 0, 0};
  EXPECT_THROW(make_algorithm(name, how, Json::object()), UsageError);
}

TEST_P(EveryAlgorithm, LearnsWithEverySwitchAgainstImbalance) {
  auto how = context();
  how.imbalance.logit_adjustment = 1;  // two classes have no label
  auto model = small_model();
  expect_finite(*make_algorithm(name, how, Json::object()), model, batch());
  for (const std::string alignment : {"uniform", "labeled"}) {
    how.imbalance.alignment = alignment;
    if (about.aligns || !uses_unlabeled()) {
      EXPECT_THROW(make_algorithm(name, how, Json::object()), UsageError);
    } else {
      expect_finite(*make_algorithm(name, how, Json::object()), model, batch());
    }
  }
}

TEST_P(EveryAlgorithm, NeverSeesAnOutlier) {
  auto how = context();
  how.outliers = {.reject = "distance", .factor = 0};  // of six faces only the nearest two stay
  if (!uses_unlabeled()) {
    EXPECT_THROW(make_algorithm(name, how, Json::object()), UsageError);
    return;
  }
  for (const bool joint : {true, false}) {
    how.joint_passes = joint;
    auto model = small_model();
    const auto algorithm = make_algorithm(name, how, Json::object());
    expect_finite(*algorithm, model, batch(0));
    algorithm->outliers()->fit(torch::randn({kLabeledPool, 256}), torch::randn({3, 256}));
    for (int64_t step = 1; step < 4; ++step) expect_finite(*algorithm, model, batch(step));
    const auto objective = algorithm->objective(model, batch());
    const auto& watched = objective.watched();
    const auto found =
        std::find_if(watched.begin(), watched.end(), [](const auto& figure) { return figure.first == "rejected"; });
    ASSERT_NE(found, watched.end());
    EXPECT_NEAR(found->second.item<double>(), 4.0 / 6, 1e-6);
  }
}

TEST_P(EveryAlgorithm, CountsStepsFromTheFirstWithUnlabeledFaces) {
  const auto options = resolve_options(name, {{"annealing", "linear"}}, Json::object());
  const auto terms_after = [&](int64_t labeled_steps) {  // of the last of three steps
    auto how = context();
    how.steps += labeled_steps;
    how.labeled_steps = labeled_steps;
    auto model = small_model();
    const auto algorithm = make_algorithm(name, how, options);
    std::vector<std::pair<std::string, double>> found;
    for (int64_t step = 1; step < 4; ++step) {
      auto data = batch(step);
      data.step += labeled_steps;
      torch::manual_seed(7);
      const auto objective = algorithm->objective(model, data);
      found.clear();
      for (const auto& term : objective.terms()) found.emplace_back(term.name, term.weight * term.value.item<double>());
    }
    return found;
  };
  EXPECT_EQ(terms_after(5), terms_after(0));
}

TEST_P(EveryAlgorithm, IsDescribed) {
  EXPECT_FALSE(about.title.empty());
  EXPECT_FALSE(about.citation.empty());
  EXPECT_NE(about.category.empty(), about.no_category.empty());
  const auto defaults = resolve_options(name, Json::object(), Json::object());
  for (const auto& [key, value] : defaults.items()) {
    EXPECT_NE(options_help(name).find(key.substr(key.rfind('.') + 1) + " = "), std::string::npos) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryAlgorithm, testing::ValuesIn(algorithm_names(/*self_supervised=*/false)),
                         [](const auto& info) { return info.param; });

TEST(Algorithms, AreTheRegisteredOnes) {  // an object file that nobody refers to could be dropped, and its registration with it
  EXPECT_THAT(algorithms().names(), testing::IsSupersetOf({"ada_cm",
                                                           "adamatch",
                                                           "ccssl",
                                                           "comatch",
                                                           "crmatch",
                                                           "dash",
                                                           "defixmatch",
                                                           "fixmatch",
                                                           "flexmatch",
                                                           "freematch",
                                                           "fully_supervised",
                                                           "leaf",
                                                           "mean_teacher",
                                                           "mixmatch",
                                                           "pi_model",
                                                           "pseudo_label",
                                                           "refixmatch",
                                                           "remixmatch",
                                                           "simclr",
                                                           "simmatch",
                                                           "softmatch",
                                                           "supervised",
                                                           "uda",
                                                           "vat",
                                                           "vicreg"}));
}

TEST(Algorithms, NameWhatTheyRemember) {
  EXPECT_THAT(state_names("flexmatch"), testing::ElementsAre("memory"));
  EXPECT_TRUE(state_names("fixmatch").empty());
  EXPECT_THAT(state_names("simmatch"), testing::IsSupersetOf({"bank", "seen", "projection.hidden.weight"}));
}

TEST(Algorithms, RefuseOptionsTheyDoNotHave) {
  EXPECT_THROW(make_algorithm("leaf", context(), {{"maks", "face"}}), UsageError);
  EXPECT_THROW(make_algorithm("leaf", context(), {{"mask", "neither"}}), UsageError);
  EXPECT_THROW(make_algorithm("fixmatsh", context(), Json::object()), UsageError);
  EXPECT_THROW(resolve_options("supervised", {}, {{"mask", "face"}}), UsageError);
  EXPECT_FALSE(resolve_options("supervised", {{"mask", "face"}}, {}).contains("mask"));
}

TEST(Algorithm, WatchesTheShareOfTheMostFrequentBelief) {
  auto how = context();
  auto model = small_model();
  model->eval();
  const torch::NoGradGuard no_gradient;
  model->named_parameters()["head.classifier.bias"].copy_(torch::tensor({0.0, 0.0, 100.0, 0.0, 0.0}));
  const auto algorithm = make_algorithm("fixmatch", how, Json::object());
  const auto objective = algorithm->objective(model, batch());
  const auto& watched = objective.watched();
  ASSERT_EQ(watched.size(), 2u);
  EXPECT_EQ(watched[1].first, "largest_class");
  EXPECT_EQ(watched[1].second.item<double>(), 1);
  EXPECT_TRUE(make_algorithm("supervised", how, Json::object())->objective(model, batch()).watched().empty());
}

double value_of_term(const Objective& objective, const std::string& name) {
  for (const auto& term : objective.terms()) {
    if (term.name == name) return term.value.item<double>();
  }
  throw std::out_of_range(name);
}

TEST(Vat, SeesNoDivergenceWithoutAChange) {
  for (const bool joint : {true, false}) {
    auto how = context();
    how.joint_passes = joint;
    auto model = small_model();
    const auto still = make_algorithm("vat", how, {{"epsilon", 0.0}}), moving = make_algorithm("vat", how, Json::object());
    EXPECT_NEAR(value_of_term(still->objective(model, batch()), "adversarial"), 0, 1e-6);
    EXPECT_GT(value_of_term(moving->objective(model, batch()), "adversarial"), 1e-3);
  }
}

TEST(Dash, MeasuresItsFirstThresholdBeforeLabelsAreKnownByHeart) {
  auto how = context();
  how.gate_balance = 0;
  how.steps = 40;
  how.labeled_steps = 20;
  how.label_smoothing = 0.3;
  how.imbalance.logit_adjustment = 1;
  auto model = small_model();
  model->eval();                                                                           // no noise: the passes agree
  const auto algorithm = make_algorithm("dash", how, {{"warm_up", 0.1}, {"floor", 0.0}});  // two steps
  double plain = 0;
  for (int64_t step = 0; step < 20; ++step) {
    auto data = batch(step);
    data.weak.clear();
    data.strong.clear();
    data.labeled_strong.clear();
    if (step == 2) {  // from here on they are known by heart
      const torch::NoGradGuard no_gradient;
      for (auto& parameter : model->parameters()) parameter.zero_();
      model->named_parameters()["head.classifier.bias"].copy_(torch::tensor({9.0, 0.0, 0.0, 0.0, 0.0}));
    } else if (step < 2) {
      plain += -(model->forward(data.labeled).unshifted.log_softmax(1) * data.targets).sum(1).mean().item<double>() / 2;
    }
    algorithm->objective(model, data);
  }
  EXPECT_NEAR(algorithm->named_buffers()["loss"].item<double>(), plain, 1e-5);
  algorithm->objective(model, batch(20));  // the warm-up measures no more
  EXPECT_NEAR(algorithm->named_buffers()["loss"].item<double>(), plain, 1e-5);
  const auto objective = algorithm->objective(model, batch(22));
  EXPECT_EQ(objective.watched().front().first, "confident");
  EXPECT_EQ(objective.watched().front().second.item<double>(), 1);
}

/// What a teacher says of the six unlabeled faces.
torch::Tensor taught_rows() {
  torch::manual_seed(8);
  return torch::randn({6, kClasses}).softmax(1);
}

struct Pupil : Algorithm {
  using Algorithm::Algorithm;
  using Algorithm::with_teacher;
  Objective loss(Step& step) override {
    seen = step.batch;
    const auto weak = forward(step, {step.batch.weak[0]}).front();
    believed = beliefs(step, weak.probabilities());
    plain = weak.probabilities().detach();
    return {{"loss", weak.logits.square().mean()}};
  }
  void measure(const Step& step, const Output& labeled) override { measured = step.number == -2 ? labeled.logits.size(0) : -1; }
  Batch seen;
  torch::Tensor believed, plain;
  int64_t measured = 0;
};

AlgorithmContext with_trust(double trust) {
  auto how = context();
  how.views = {.weak = 2, .strong = 1};
  how.gate_balance = 0;
  how.trust = trust;
  how.joint_passes = false;
  return how;
}

TEST(Teacher, IsBelievedInPart) {
  auto model = small_model();
  model->eval();
  for (const double trust : {0.0, 0.3, 1.0}) {
    Pupil pupil(with_trust(trust));
    auto data = batch();
    pupil.objective(model, data);
    EXPECT_TRUE(torch::equal(pupil.believed, pupil.plain)) << "there is no teacher";
    data.taught = taught_rows();
    pupil.objective(model, data);
    EXPECT_TRUE(near(pupil.believed, (1 - trust) * pupil.plain + trust * data.taught));
    EXPECT_FALSE(pupil.believed.requires_grad());
  }
}

TEST(Teacher, TeachesBesideTheLabelsInTheFirstSteps) {
  auto how = with_trust(0.5);
  how.labeled_steps = 7;
  Pupil pupil(how);
  auto model = small_model();
  model->eval();
  auto data = batch(5);
  data.weak.clear();
  data.labeled_strong.clear();
  data.strong.resize(1);
  data.taught = taught_rows();
  const auto objective = pupil.objective(model, data);
  ASSERT_EQ(objective.terms().size(), 2u);
  EXPECT_EQ(objective.terms()[0].name, "supervised");
  EXPECT_EQ(objective.terms()[1].name, "teacher");
  const auto labeled = model->forward(data.labeled), strong = model->forward(data.strong[0]);
  EXPECT_NEAR(objective.terms()[0].value.item<double>(),
              -(data.targets * labeled.unshifted.log_softmax(1)).sum(1).mean().item<double>(), 1e-4);
  EXPECT_NEAR(objective.terms()[1].value.item<double>(),
              -(data.taught * strong.logits.log_softmax(1)).sum(1).mean().item<double>(), 1e-4);
  EXPECT_EQ(pupil.measured, 4) << "labeled faces alone, two steps before the first with unlabeled ones";
  EXPECT_FALSE(pupil.believed.defined());
}

TEST(Teacher, SpeaksOfTheFacesThatAreNoOutliers) {
  auto how = with_trust(0.5);
  how.outliers = {.reject = "distance", .factor = 0};  // of six faces only the nearest two stay
  Pupil pupil(how);
  auto model = small_model();
  pupil.outliers()->fit(torch::randn({kLabeledPool, 256}), torch::randn({3, 256}));
  auto data = batch();
  data.taught = taught_rows();
  pupil.objective(model, data);
  EXPECT_EQ(pupil.seen.faces.size(0), 2);
  EXPECT_TRUE(torch::equal(pupil.seen.taught, data.taught.index_select(0, pupil.seen.faces)));
}

TEST_P(EveryAlgorithm, LearnsWithATeacher) {
  auto how = context();
  how.trust = 0.5;
  how.labeled_steps = 4;
  auto model = small_model();
  const auto algorithm = make_algorithm(name, how, Json::object());
  auto data = batch();
  data.taught = taught_rows();
  expect_finite(*algorithm, model, data);
  data.step = 2;
  data.weak.clear();
  data.strong.resize(1);
  data.labeled_strong.clear();
  expect_finite(*algorithm, model, data);
}

TEST(Algorithm, IsNotToldToBelieveEvenlyAndToExpectOtherShares) {
  auto how = context();
  how.imbalance = {.alignment = "uniform", .shares = "unlabeled"};
  EXPECT_THROW(make_algorithm("fixmatch", how, Json::object()), UsageError);
  how.imbalance.alignment = "labeled";
  EXPECT_NO_THROW(make_algorithm("fixmatch", how, Json::object()));
}

TEST(Algorithm, LearnsLabeledFacesWithAdjustedLogits) {
  auto how = context();
  how.imbalance.logit_adjustment = 2;
  how.gate_balance = 0;
  auto model = small_model();
  model->eval();  // no noise: the passes agree
  const auto data = batch();
  const auto found = make_algorithm("supervised", how, Json::object())->objective(model, data).total();
  const auto prior = torch::tensor({0.5, 0.25, 0.25, 0.25, 0.25});  // two classes have no label
  const auto expected = -((model->forward(data.labeled).logits + 2 * prior.log()).log_softmax(1) * data.targets).sum(1).mean();
  EXPECT_NEAR(found.item<double>(), expected.item<double>(), 1e-5);
}

TEST(Algorithm, ExpectsNoFaceOfAClassWithoutALabel) {
  for (const std::string sampling : {"faces", "classes"}) {
    for (const double adjustment : {0., 1.}) {
      auto how = context();
      how.imbalance = {.sampling = sampling, .logit_adjustment = adjustment};
      const auto shares = make_algorithm("supervised", how, Json::object())->learned_shares();
      EXPECT_LT(shares.slice(0, 3).max().item<double>(), 1e-7) << sampling << adjustment;
      EXPECT_NEAR(shares.sum().item<double>(), 1, 1e-6);
    }
  }
}

}  // namespace
}  // namespace leaf
