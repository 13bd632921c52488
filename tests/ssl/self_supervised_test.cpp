// SimCLR and VICReg against the definitions, written out number by number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "leaf/base/error.h"
#include "leaf/config/resolve.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/losses.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using torch::Tensor;

constexpr int64_t kFaces = 5, kSize = 16, kFeatures = 256;

Model small_model() {
  ModelOptions options;
  options.backbone = "resnet10_half";
  options.stem = "imagenet";
  options.semantic.enabled = options.instance.enabled = options.unit_length = false;
  options.dropout = 0;
  torch::manual_seed(1);
  return make_model(options, 2, kSize);
}

AlgorithmContext context(bool joint = true) {
  AlgorithmContext result;
  result.classes = 2;
  result.features = kFeatures;
  result.map = {kFeatures, 1, 1};
  result.unlabeled_faces = result.unlabeled_batch = kFaces;
  result.steps = 10;
  result.joint_passes = joint;
  result.category.enabled = false;
  return result;
}

Batch batch() {
  torch::manual_seed(3);
  Batch result;
  result.labeled = torch::empty({0, 3, kSize, kSize});
  result.strong = {torch::randn({kFaces, 3, kSize, kSize}), torch::randn({kFaces, 3, kSize, kSize})};
  return result;
}

Tensor parameter(const Algorithm& algorithm, const std::string& name) { return algorithm.named_parameters()[name]; }

/// −log of each view's share of similarity that goes to the other view of its face, mean of all.
Tensor naive_simclr(const Algorithm& algorithm, const Tensor& features, double temperature) {
  std::vector<Tensor> z;
  for (int64_t i = 0; i < features.size(0); ++i) {
    const auto hidden =
        parameter(algorithm, "projection.hidden.weight").mv(features[i]) + parameter(algorithm, "projection.hidden.bias");
    const auto output =
        parameter(algorithm, "projection.output.weight").mv(hidden.clamp_min(0)) + parameter(algorithm, "projection.output.bias");
    z.push_back(output / output.square().sum().sqrt());
  }
  Tensor sum = torch::zeros({});
  for (size_t i = 0; i < z.size(); ++i) {
    Tensor all = torch::zeros({});
    for (size_t j = 0; j < z.size(); ++j) {
      if (j != i) all = all + (z[i].dot(z[j]) / temperature).exp();
    }
    sum = sum + all.log() - z[i].dot(z[(i + kFaces) % (2 * kFaces)]) / temperature;
  }
  return sum / static_cast<double>(z.size());
}

Tensor naive_norm(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const auto mean = x.sum(0) / x.size(0);
  const auto variance = (x - mean).square().sum(0) / x.size(0);
  return (x - mean) / (variance + 1e-5).sqrt() * weight + bias;
}

Tensor naive_expander(const Algorithm& algorithm, const Tensor& features) {
  const auto of = [&](const std::string& name) { return parameter(algorithm, "expander." + name); };
  const auto first =
      naive_norm(features.matmul(of("first.weight").t()) + of("first.bias"), of("first_norm.weight"), of("first_norm.bias"))
          .clamp_min(0);
  const auto second =
      naive_norm(first.matmul(of("second.weight").t()) + of("second.bias"), of("second_norm.weight"), of("second_norm.bias"))
          .clamp_min(0);
  return second.matmul(of("third.weight").t());
}

/// {variance term, covariance term} of embeddings [n, D], by loops.
std::pair<Tensor, Tensor> naive_spread(const Tensor& z) {
  const int64_t n = z.size(0), width = z.size(1);
  Tensor shortfall = torch::zeros({}, z.options()), shared = torch::zeros({}, z.options());
  for (int64_t i = 0; i < width; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      Tensor covariance = torch::zeros({}, z.options());
      for (int64_t k = 0; k < n; ++k)
        covariance = covariance + (z[k][i] - z.select(1, i).mean()) * (z[k][j] - z.select(1, j).mean()) / (n - 1);
      if (i != j) shared = shared + covariance * covariance / width;
      if (i == j) shortfall = shortfall + (1 - (covariance + 1e-4).sqrt()).clamp_min(0) / width;
    }
  }
  return {shortfall, shared};
}

Tensor naive_vicreg(const Algorithm& algorithm, const Tensor& features) {
  const auto a = naive_expander(algorithm, features.slice(0, 0, kFaces)),
             b = naive_expander(algorithm, features.slice(0, kFaces));
  Tensor invariance = torch::zeros({});
  for (int64_t i = 0; i < kFaces; ++i) invariance = invariance + (a[i] - b[i]).square().sum() / (kFaces * a.size(1));
  const auto first = naive_spread(a), second = naive_spread(b);
  return 25 * invariance + 25 * (first.first + second.first) + (first.second + second.second);
}

/// The algorithm's loss and gradients against those of `naive`, a function of the features of both views.
void expect_same(const std::string& name, const Json& options,
                 const std::function<Tensor(const Algorithm&, const Tensor&)>& naive) {
  for (const bool joint : {true, false}) {
    SCOPED_TRACE(name + (joint ? " in one pass" : " in separate passes"));
    auto model = small_model();
    const auto algorithm = make_algorithm(name, context(joint), options);
    const auto data = batch();
    const auto total = algorithm->objective(model, data).total();
    total.backward();
    std::map<std::string, Tensor> gradients;
    for (const auto& item : algorithm->named_parameters()) gradients[item.key()] = item.value().grad().clone();
    const auto first_layer = model->named_parameters()["backbone.conv1.weight"];
    const auto of_first_layer = first_layer.grad().clone();
    algorithm->zero_grad();
    model->zero_grad();

    const auto views = torch::cat(data.strong);
    const auto features = joint ? model->forward(views).features
                                : torch::cat({model->forward(data.strong[0]).features, model->forward(data.strong[1]).features});
    const auto expected = naive(*algorithm, features);
    expected.backward();
    EXPECT_TRUE(near(total, expected, 1e-4));
    for (const auto& item : algorithm->named_parameters())
      EXPECT_TRUE(near(gradients.at(item.key()), item.value().grad(), 1e-4)) << item.key();
    EXPECT_GT(of_first_layer.abs().max().item<double>(), 0);
    EXPECT_TRUE(near(of_first_layer, first_layer.grad(), 1e-3));
  }
}

TEST(SimClr, IsItsDefinition) {
  expect_same("simclr", {{"temperature", 0.5}, {"dim", 6}},
              [](const Algorithm& algorithm, const Tensor& features) { return naive_simclr(algorithm, features, 0.5); });
}

TEST(SimClr, CountsTheFacesThatFindThemselves) {
  auto model = small_model();
  auto data = batch();
  data.strong[1] = data.strong[0];
  const auto objective = make_algorithm("simclr", context(), Json::object())->objective(model, data);
  ASSERT_EQ(objective.watched().size(), 1u);
  EXPECT_EQ(objective.watched()[0].first, "found");
  EXPECT_EQ(objective.watched()[0].second.item<double>(), 1);
}

TEST(VicReg, IsItsDefinition) { expect_same("vicreg", {{"dim", 7}}, naive_vicreg); }

TEST(VicReg, TermsAreThoseOfLoops) {
  torch::manual_seed(2);
  const auto z = (0.7 * torch::randn({9, 4}, torch::kDouble)).requires_grad_(), again = z.detach().clone().requires_grad_();
  const auto [shortfall, shared] = naive_spread(again);
  (deviation_shortfall(z) + 3 * redundancy(z)).backward();
  (shortfall + 3 * shared).backward();
  EXPECT_TRUE(near(deviation_shortfall(z), shortfall, 1e-9));
  EXPECT_TRUE(near(redundancy(z), shared, 1e-9));
  EXPECT_TRUE(near(z.grad(), again.grad(), 1e-9));
}

TEST(VicReg, TermsHaveKnownValues) {
  const auto spread = torch::tensor({{2.0, 2.0}, {-2.0, 2.0}, {2.0, -2.0}, {-2.0, -2.0}}), equal = torch::ones({4, 2}),
             twins = torch::tensor({{1.0, 1.0}, {-1.0, -1.0}});
  EXPECT_EQ(deviation_shortfall(spread).item<double>(), 0);
  EXPECT_EQ(redundancy(spread).item<double>(), 0);
  EXPECT_NEAR(deviation_shortfall(equal).item<double>(), 0.99, 1e-6);  // the root of 10⁻⁴ is left
  EXPECT_NEAR(redundancy(twins).item<double>(), 4, 1e-6);              // covariance 2, twice, over two numbers
}

struct EverySelfSupervised : testing::TestWithParam<std::string> {};

TEST_P(EverySelfSupervised, IsDescribedAndHasItsPlace) {
  const auto& about = algorithms().at(GetParam()).description;
  EXPECT_FALSE(about.title.empty() || about.citation.empty() || about.no_category.empty());
  const auto views = algorithms().at(GetParam()).description.views;
  EXPECT_EQ(views.weak + views.labeled_strong, 0);
  EXPECT_GT(views.strong, 1);
  EXPECT_NO_THROW(check_supervision(GetParam(), true));
  try {
    check_supervision(GetParam(), false);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("use leaf pretrain SOURCE --algorithm " + GetParam()));
  }
}

TEST_P(EverySelfSupervised, RefusesWhatNeedsLabels) {
  const auto with = [](const std::string& key, const std::string& value) {
    Config config;
    config.algorithm = GetParam();
    config.set(key, std::string_view(value));
    return config;
  };
  EXPECT_NO_THROW(resolve(with("train.unlabeled_batch", "2")));
  for (const auto& [key, value] : std::map<std::string, std::string>{{"train.labeled_batch", "16"},
                                                                     {"train.unlabeled_batch", "1"},
                                                                     {"model.semantic.enabled", "true"},
                                                                     {"model.instance.enabled", "true"},
                                                                     {"category.enabled", "true"},
                                                                     {"imbalance.sampling", "classes"},
                                                                     {"imbalance.logit_adjustment", "1"},
                                                                     {"imbalance.alignment", "uniform"},
                                                                     {"views.exclude", "Solarise"}}) {
    EXPECT_THROW(resolve(with(key, value)), UsageError) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EverySelfSupervised, testing::ValuesIn(algorithm_names(/*self_supervised=*/true)),
                         [](const auto& info) { return info.param; });

TEST(SelfSupervised, AreTheRegisteredOnes) {
  EXPECT_THAT(algorithm_names(true), testing::ElementsAre("simclr", "vicreg"));
  EXPECT_THAT(algorithm_names(false), testing::Contains("fixmatch"));
  try {
    check_supervision("fixmatch", true);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("use leaf train SOURCE --algorithm fixmatch; pretraining has simclr, vicreg"));
  }
  Config config;
  config.algorithm = "fixmatch";
  config.set("train.labeled_batch", std::string_view("0"));
  EXPECT_THROW(resolve(config), UsageError);
}

}  // namespace
}  // namespace leaf
