#include "leaf/recognize/explain.h"

#include <gtest/gtest.h>

#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/model/weights.h"
#include "leaf/recognize/recognizer.h"
#include "leaf/views/plain_views.h"
#include "tests/recognize/drawn_model.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

TEST(Explaining, WeighsTheMapByItsGradientByHand) {
  const auto map = torch::tensor({1.0F, 2.0F, 3.0F, -4.0F}).view({2, 1, 2});
  const auto gradient = torch::tensor({1.0F, 3.0F, 0.0F, 2.0F}).view({2, 1, 2});         // means 2 and 1
  EXPECT_TRUE(near(grad_cam(map, gradient), torch::tensor({1.0F, 0.0F}).view({1, 2})));  // 2 + 3 and 4 − 4, over 5
  EXPECT_TRUE(near(grad_cam(-map.abs(), torch::ones_like(map)), torch::zeros({1, 2})));
}

struct ExplainedModel : testing::Test {
  Explanation explained(const ModelFile& file) {
    save_model(folder / "model.safetensors", file);
    return Explainer(folder / "model.safetensors").explain(face);
  }
  Output said(const ModelFile& file) const {
    const torch::NoGradGuard no_gradient;
    auto view = torch::empty({1, file.views.size, file.views.size, 3});
    const auto it = [&](int64_t) -> const Image& { return face; };
    write_plain_views(1, it, file.views, 1, view.data_ptr<float>());
    auto model = file.model;
    return model->forward(view.permute({0, 3, 1, 2}));
  }

  TemporaryFolder folder;
  const Image face = synthetic_face({.size = 40}, 5).image;
};

TEST_F(ExplainedModel, ShowsWhatTheClassifierWeighs) {
  auto file = drawn_model();
  file.options.semantic.enabled = file.options.instance.enabled = file.options.unit_length = false;
  file.model = make_model(file.options, 7, file.views.size);
  file.model->eval();
  const auto found = explained(file);
  EXPECT_TRUE(found.levels.empty());
  const auto output = said(file);
  EXPECT_EQ(found.predicted, output.logits[0].argmax().item<int64_t>());
  EXPECT_TRUE(near(torch::tensor(found.probabilities), output.probabilities()[0].to(torch::kFloat64), 1e-4));
  // Without levels the logit is linear in the mean of each channel, so its gradient is the classifier's row.
  const auto row = collect(*file.model).at("head.classifier.weight")[found.predicted].detach();
  auto heat = (row.view({-1, 1, 1}) * output.map[0]).sum(0).clamp_min(0);
  if (heat.max().item<double>() > 0) heat = heat / heat.max();
  EXPECT_TRUE(near(found.heat, heat, 1e-3));
}

TEST_F(ExplainedModel, NamesTheExpertsOfBothLevels) {
  auto file = drawn_model();
  auto tensors = collect(*file.model);
  for (const auto* level : {"semantic", "instance"}) tensors.at(std::string("head.") + level + ".gate.w_gate").normal_(0, 1);
  file.calibration = ModelCalibration{.temperature = 2, .scores = {0.5}, .fitted_on = "folds", .faces = 1};
  const auto found = explained(file);
  const auto output = said(file);
  EXPECT_TRUE(near(torch::tensor(found.probabilities), (output.logits / 2).softmax(1)[0].to(torch::kFloat64), 1e-4));
  ASSERT_EQ(found.levels.size(), 2u);
  EXPECT_GE(found.heat.min().item<double>(), 0);
  EXPECT_LE(found.heat.max().item<double>(), 1);
  const std::vector<torch::Tensor> inputs = {
      output.map.mean({2, 3}),
      torch::linear(output.features, tensors.at("head.classifier.weight"), tensors.at("head.classifier.bias"))};
  for (size_t i = 0; i < 2; ++i) {
    const auto& level = found.levels[i];
    EXPECT_EQ(level.level, i == 0 ? "semantic" : "instance");
    ASSERT_EQ(level.experts.size(), 2u);
    const auto [top, order] = inputs[i].mm(tensors.at("head." + level.level + ".gate.w_gate"))[0].topk(2);
    const auto gates = top.softmax(0);
    for (int64_t k = 0; k < 2; ++k) {
      EXPECT_EQ(level.experts[k].first, order[k].item<int64_t>());
      EXPECT_NEAR(level.experts[k].second, gates[k].item<double>(), 1e-3);
    }
  }
  const auto picture = explanation_picture(found, file.classes);
  EXPECT_GE(picture.height, 224);
  EXPECT_GE(picture.width, 3 * 224);
}

}  // namespace
}  // namespace leaf
