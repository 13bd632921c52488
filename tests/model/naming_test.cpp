#include "leaf/model/naming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "leaf/base/error.h"
#include "leaf/model/backbone.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensors weights(const std::string& backbone, const std::string& stem = "imagenet") {
  return collect(*backbones().at(backbone).make(stem));
}

Tensors renamed(const Tensors& tensors, const std::function<std::string(const std::string&)>& name) {
  Tensors result;
  for (const auto& [old, tensor] : tensors) result[name(old)] = tensor;
  return result;
}
Tensors prefixed(const Tensors& tensors, const std::string& prefix) {
  return renamed(tensors, [&](const std::string& name) { return prefix + name; });
}

TEST(Naming, FindsTheBackboneAndTheStem) {
  for (const std::string stem : {"imagenet", "small"}) {
    auto tensors = weights("resnet10_half", stem);
    tensors["fc.weight"] = torch::zeros({7, 256});
    const auto fit = fit_backbone(tensors);
    EXPECT_EQ(fit.backbone, "resnet10_half");
    EXPECT_EQ(fit.stem, stem);
    EXPECT_TRUE(fit.fits());
    EXPECT_EQ(fit.tensors.size(), tensors.size() - 1);
    EXPECT_THAT(fit.report.left_over, ElementsAre("fc.weight"));
    EXPECT_TRUE(fit.report.missing.empty());
    EXPECT_TRUE(fit.report.wrong_shape.empty());
  }
  const auto wide = fit_backbone(weights("wideresnet28_2"));
  EXPECT_EQ(wide.backbone, "wideresnet28_2");
  EXPECT_EQ(wide.stem, "");
}

TEST(Naming, ChoosesTheSmallerNetworkOfTheSameParts) {
  const auto tensors = weights("resnet18");
  EXPECT_EQ(fit_backbone(tensors).backbone, "resnet18");
  const auto deeper = fit_backbone(tensors, "resnet34");  // has all of its tensors, and others
  EXPECT_EQ(deeper.backbone, "resnet34");
  EXPECT_EQ(deeper.report.used.size(), tensors.size());
  EXPECT_FALSE(deeper.report.missing.empty());
}

TEST(Naming, RemovesPrefixesOfTheUsualWords) {
  const auto tensors = weights("resnet10_half");
  for (const std::string prefix :
       {"backbone.", "encoder.", "model.", "base_model.", "resnet.", "model.backbone.", "module.encoder_q."}) {
    auto longer = prefixed(tensors, prefix);
    longer["head.fc.weight"] = torch::zeros({7, 256});
    longer[prefix + "fc.bias"] = torch::zeros({7});
    const auto fit = fit_backbone(longer, "resnet10_half");
    EXPECT_EQ(fit.prefix, prefix);
    EXPECT_EQ(fit.report.used.size(), tensors.size());
    EXPECT_TRUE(torch::equal(fit.tensors.at("conv1.weight"), tensors.at("conv1.weight")));
    EXPECT_THAT(fit.report.left_over, testing::UnorderedElementsAre("head.fc.weight", prefix + "fc.bias"));
  }
  EXPECT_FALSE(fit_backbone(prefixed(tensors, "somebody."), "resnet10_half").fits());
}

/// Their first layers have other names than a ResNet's.
TEST(Naming, RemovesPrefixesBeforeEveryBackbone) {
  for (const auto& name : backbones().names()) {
    const auto tensors = weights(name);
    for (const std::string prefix : {"backbone.", "model.backbone.", "module.student.features."}) {
      const auto fit = fit_backbone(prefixed(tensors, prefix), name);
      EXPECT_EQ(fit.prefix, prefix) << name;
      EXPECT_TRUE(fit.report.complete()) << name << ": " << fit.report.summary();
      EXPECT_EQ(fit.tensors.size(), tensors.size()) << name;
    }
  }
}

TEST(Naming, UnderstandsPartsByNumber) {
  const auto tensors = weights("resnet10_half");
  const auto number = [](const std::string& name) {
    for (const auto& [word, digit] : std::vector<std::pair<std::string, std::string>>{
             {"conv1.", "0."}, {"bn1.", "1."}, {"layer1.", "4."}, {"layer2.", "5."}, {"layer3.", "6."}, {"layer4.", "7."}}) {
      if (name.starts_with(word)) return "features." + digit + name.substr(word.size());
    }
    return name;
  };
  const auto fit = fit_backbone(renamed(tensors, number));
  EXPECT_EQ(fit.backbone, "resnet10_half");
  EXPECT_TRUE(fit.numbered);
  EXPECT_EQ(fit.prefix, "features.");
  EXPECT_TRUE(fit.report.complete());
  EXPECT_TRUE(torch::equal(fit.tensors.at("layer3.0.conv2.weight"), tensors.at("layer3.0.conv2.weight")));
}

TEST(Naming, TellsWhatDoesNotFit) {
  auto tensors = weights("resnet10_half");
  tensors.erase("bn1.bias");
  tensors["conv1.weight"] = torch::zeros({32, 1, 7, 7});
  const auto fit = fit_backbone(tensors, "resnet10_half");
  EXPECT_TRUE(fit.fits());
  EXPECT_THAT(fit.report.missing, ElementsAre("bn1.bias"));
  EXPECT_THAT(fit.report.wrong_shape, ElementsAre(HasSubstr("[32, 1, 7, 7]")));
  EXPECT_FALSE(fit.tensors.contains("conv1.weight"));
  EXPECT_FALSE(fit_backbone({{"x", torch::zeros({1})}}).fits());
  EXPECT_FALSE(fit_backbone({}, "resnet10_half").fits());
  EXPECT_THROW(fit_backbone({}, "resnet11"), UsageError);
}

TEST(Naming, RecognizesOtherArchitectures) {
  const auto of = [](const std::vector<std::string>& names) {
    Tensors tensors;
    for (const auto& name : names) tensors[name] = torch::zeros({1});
    return foreign_architecture(tensors);
  };
  EXPECT_THAT(of({"conv1.weight", "prelu.weight", "layer1.0.bn1.weight", "layer1.0.prelu.weight"}), HasSubstr("IResNet"));
  EXPECT_THAT(of({"input_layer.0.weight", "body.0.res_layer.0.weight"}), HasSubstr("IR-SE"));
  EXPECT_THAT(of({"layer1.0.se.fc1.weight"}), HasSubstr("squeeze"));
  EXPECT_THAT(of({"conv1.0.weight", "layer1.0.conv1.weight"}), HasSubstr("three convolutions"));
  EXPECT_THAT(of({"patch_embed.proj.weight"}), HasSubstr("transformer"));
  EXPECT_THAT(of({"conv_stem.weight"}), HasSubstr("EfficientNet"));
  for (const auto& name : backbones().names()) EXPECT_EQ(foreign_architecture(weights(name)), "") << name;
}

}  // namespace
}  // namespace leaf
