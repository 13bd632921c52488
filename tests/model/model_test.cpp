#include "leaf/model/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/functional/linear.h>
#include <torch/nn/functional/normalization.h>

#include "leaf/base/error.h"
#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

ModelOptions small_options() {
  ModelOptions options;
  options.semantic.experts = options.instance.experts = 3;
  options.dropout = 0;
  return options;
}

ModelOptions reference_options() {
  ModelOptions options = small_options();
  options.instance_on = "features";
  for (auto* level : {&options.semantic, &options.instance}) {
    level->top_k = 1;
    level->shared = true;
    level->fusion = "log_sum_exp";
  }
  return options;
}

/// An encoder small enough for many tests: the channels, repeated; pooling then takes their means.
class MeanBackbone : public Backbone {
 public:
  torch::Tensor forward(const torch::Tensor& images, const Pass& /*pass*/) override { return images.repeat({1, 4, 1, 1}); }
  int64_t width() const override { return 12; }
};

Model small_model(const ModelOptions& options) { return Model(std::make_shared<MeanBackbone>(), 7, options); }

TEST(ExpressionHead, NamesItsParametersAfterThePaper) {
  ExpressionHead head(12, 7, small_options());
  std::vector<std::string> names;
  for (const auto& item : head->named_parameters()) names.push_back(item.key());
  EXPECT_THAT(names, testing::UnorderedElementsAre(
                         "semantic.gate.w_gate", "semantic.gate.w_noise", "semantic.experts.narrow.weight",
                         "semantic.experts.narrow.bias", "semantic.experts.widen.weight", "semantic.experts.widen.bias",
                         "classifier.weight", "classifier.bias", "instance.gate.w_gate", "instance.gate.w_noise",
                         "instance.experts.narrow.weight", "instance.experts.narrow.bias", "instance.experts.widen.weight",
                         "instance.experts.widen.bias"));
  EXPECT_EQ(head->named_parameters()["instance.gate.w_gate"].sizes(), torch::IntArrayRef({7, 3}));
}

TEST(ExpressionHead, InReferenceModePutsTheInstanceLevelBeforeTheClassifier) {
  ExpressionHead head(12, 7, reference_options());
  EXPECT_EQ(head->named_parameters()["instance.gate.w_gate"].sizes(), torch::IntArrayRef({12, 3}));
  const auto output = head(torch::randn({5, 12}));
  EXPECT_EQ(output.logits.sizes(), torch::IntArrayRef({5, 7}));
}

TEST(ExpressionHead, EqualsItsParts) {
  namespace F = torch::nn::functional;
  torch::manual_seed(1);
  for (auto options : {small_options(), reference_options()}) {
    options.scale = 3;
    ExpressionHead head(12, 7, options);
    head->eval();
    const auto parameters = collect(*head);
    const auto level = [&](const std::string& name, int64_t width, const AggregationOptions& of, const torch::Tensor& x) {
      Aggregation part(width, of);
      part->eval();
      Tensors own;
      for (const auto& [key, tensor] : parameters) {
        if (key.starts_with(name + ".")) own[key.substr(name.size() + 1)] = tensor;
      }
      EXPECT_TRUE(load_weights(*part, own).complete());
      return part(x).output;
    };
    const auto classify = [&](const torch::Tensor& x) {
      return F::linear(x, parameters.at("classifier.weight"), parameters.at("classifier.bias"));
    };
    const auto x = torch::randn({5, 12});
    const auto features = F::normalize(level("semantic", 12, options.semantic, x), F::NormalizeFuncOptions().dim(1));
    const auto logits = options.instance_on == "features" ? classify(level("instance", 12, options.instance, features * 3))
                                                          : level("instance", 7, options.instance, classify(features * 3));
    const auto output = head(x);
    EXPECT_TRUE(near(output.features, features));
    EXPECT_TRUE(near(output.logits, logits));
  }
}

TEST(ExpressionHead, GivesFeaturesOfUnitLength) {
  auto options = small_options();
  EXPECT_TRUE(near(ExpressionHead(12, 7, options)(torch::randn({5, 12})).features.norm(2, 1), torch::ones({5})));
  options.unit_length = options.semantic.enabled = false;
  const auto x = torch::randn({5, 12});
  EXPECT_TRUE(torch::equal(ExpressionHead(12, 7, options)(x).features, x));
}

TEST(ExpressionHead, IsALinearLayerWithoutLevels) {
  ModelOptions options;
  options.semantic.enabled = options.instance.enabled = options.unit_length = false;
  ExpressionHead head(12, 7, options);
  EXPECT_EQ(head->parameters().size(), 2u);
  EXPECT_EQ(head(torch::randn({5, 12})).balance.item<double>(), 0);
}

TEST(ExpressionHead, TrainsItsScaleWhenAsked) {
  auto options = small_options();
  options.learn_scale = true;
  options.scale = 16;
  ExpressionHead head(12, 7, options);
  EXPECT_EQ(head->named_parameters()["scale"].item<double>(), 16);
  head(torch::randn({5, 12})).logits.square().sum().backward();
  EXPECT_NE(head->named_parameters()["scale"].grad().item<double>(), 0);
}

TEST(ExpressionHead, ListsSharedExpertsAsOftenAsTheAuthorsDictionary) {
  auto options = reference_options();
  options.semantic.experts = 8;
  options.instance.shared = false;
  const auto listings = small_model(options)->listings();
  EXPECT_EQ(listings.size(), 4u);
  EXPECT_EQ(listings.at("head.semantic.experts.narrow.weight"), 9);
}

TEST(Model, TakesNoImageAndOneImage) {
  auto model = small_model(small_options());
  for (const int64_t n : {0, 1}) {
    const auto output = model(torch::randn({n, 3, 4, 4}));
    EXPECT_EQ(output.logits.sizes(), torch::IntArrayRef({n, 7}));
    EXPECT_EQ(output.features.sizes(), torch::IntArrayRef({n, 12}));
  }
}

TEST(Model, PassesViewsTogetherOrApart) {
  torch::manual_seed(1);
  auto model = small_model(small_options());
  model->eval();
  const std::vector<torch::Tensor> views{torch::randn({2, 3, 4, 4}), torch::randn({0, 3, 4, 4}), torch::randn({5, 3, 4, 4})};
  const auto joint = model->forward_all(views, true), apart = model->forward_all(views, false);
  ASSERT_EQ(joint.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(near(joint[i].logits, apart[i].logits));
    EXPECT_TRUE(near(joint[i].features, apart[i].features));
    EXPECT_TRUE(joint[i].balance.defined());
  }
  EXPECT_TRUE(model->forward_all({}, true).empty());
}

TEST(Model, SendsAGradientToTheGatesInPaperModeOnly) {
  torch::manual_seed(1);
  const auto largest = [](const ModelOptions& options) {
    auto model = small_model(options);
    model(torch::randn({8, 3, 4, 4})).logits.sin().sum().backward();
    double result = 0;
    for (const auto& item : model->named_parameters()) {
      const auto& gradient = item.value().grad();
      if (item.key().ends_with("w_gate") && gradient.defined()) result = std::max(result, gradient.abs().max().item<double>());
    }
    return result;
  };
  EXPECT_GT(largest(small_options()), 1e-6);
  EXPECT_EQ(largest(reference_options()), 0);
}

TEST(Model, IsTheSameForTheSameSeed) {
  ModelOptions options;
  torch::manual_seed(7);
  const auto first = collect(*make_model(options, 7, 32));
  torch::manual_seed(7);
  const auto second = collect(*make_model(options, 7, 32));
  for (const auto& [name, tensor] : first) EXPECT_TRUE(torch::equal(tensor, second.at(name))) << name;
}

TEST(Model, ChoosesItsStemByViewSize) {
  const auto kernel = [](const std::string& stem, int64_t size) {
    ModelOptions options;
    options.stem = stem;
    return make_model(options, 7, size)->named_parameters()["backbone.conv1.weight"].size(2);
  };
  EXPECT_EQ(kernel("auto", 63), 3);
  EXPECT_EQ(kernel("auto", 64), 7);
  EXPECT_EQ(kernel("small", 224), 3);
}

TEST(Model, RefusesWhatCannotBeMeant) {
  ModelOptions options;
  options.backbone = "resnet81";
  EXPECT_THROW(make_model(options, 7, 64), UsageError);
  options.backbone = "resnet18";
  EXPECT_THROW(make_model(options, 1, 64), UsageError);
  options.stem = "tall";
  EXPECT_THROW(make_model(options, 7, 64), std::logic_error);
  options.stem = "imagenet";
  options.backbone = "wideresnet28_2";
  EXPECT_THROW(make_model(options, 7, 64), UsageError);
  options.stem = "auto";
  EXPECT_NO_THROW(make_model(options, 7, 64));
}

TEST(Model, ComputesNearlyTheSameInLowPrecision) {
  torch::manual_seed(1);
  ModelOptions options;
  options.backbone = "wideresnet28_2";
  options.semantic.enabled = options.instance.enabled = false;
  auto exact = make_model(options, 7, 32);
  options.precision = "bfloat16";
  auto coarse = make_model(options, 7, 32);
  copy_state(*exact, *coarse);
  exact->eval();
  coarse->eval();
  const auto x = torch::randn({2, 3, 8, 8});
  const auto difference = coarse(x).features - exact(x).features;
  EXPECT_EQ(coarse(x).logits.scalar_type(), torch::kFloat32);
  EXPECT_GT(difference.abs().max().item<double>(), 0);
  EXPECT_LT(difference.norm().item<double>(), 0.1);
  coarse->train();
  coarse(x).logits.sum().backward();
  EXPECT_EQ(coarse->parameters()[0].grad().scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::isfinite(coarse->parameters()[0].grad()).all().item<bool>());
}

TEST(Model, CountsTheOperationsOfItsConvolutions) {
  ModelOptions options;
  options.backbone = "resnet18";
  options.stem = "imagenet";
  auto model = make_model(options, 7, 64);
  model->train();
  EXPECT_NEAR(model->operations(224), 3.63e9, 0.01e9);  // 1.81 billion multiplications and additions
  EXPECT_NEAR(model->operations(64) * 49 / 4, model->operations(224), 1e6);
  EXPECT_TRUE(model->is_training());
}

}  // namespace
}  // namespace leaf
