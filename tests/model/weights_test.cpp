#include "leaf/model/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

torch::nn::BatchNorm2d normalization() { return torch::nn::BatchNorm2d(2); }

TEST(Weights, CollectParametersAndBuffers) {
  const auto module = normalization();
  std::vector<std::string> names;
  for (const auto& [name, tensor] : collect(*module)) {
    names.push_back(name);
    EXPECT_FALSE(tensor.requires_grad());
  }
  EXPECT_THAT(names, ElementsAre("bias", "num_batches_tracked", "running_mean", "running_var", "weight"));
}

TEST(Weights, ReportEverythingThatDoesNotFit) {
  auto module = normalization();
  const auto report = load_weights(*module, {{"weight", torch::full({2}, 5.0, torch::kDouble)},
                                             {"bias", torch::ones({3})},
                                             {"running_mean", torch::ones({2}, torch::kLong)},
                                             {"fc.weight", torch::ones({3})}});
  EXPECT_THAT(report.used, ElementsAre("weight"));
  EXPECT_THAT(report.missing, ElementsAre("num_batches_tracked", "running_var"));
  EXPECT_THAT(report.left_over, ElementsAre("fc.weight"));
  EXPECT_THAT(report.wrong_shape,
              ElementsAre("bias (Float [2] expected, Float [3] found)", "running_mean (Float [2] expected, Long [2] found)"));
  EXPECT_FALSE(report.complete());
  EXPECT_THAT(report.summary(), HasSubstr("1 tensors used; 2 missing: num_batches_tracked, running_var; 1 left over: fc.weight"));
  EXPECT_TRUE(torch::equal(module->weight, torch::full({2}, 5.0)));
  EXPECT_TRUE(torch::equal(module->bias, torch::zeros({2})));
}

TEST(Weights, AreCopiedBetweenModulesOfOneStructure) {
  auto from = normalization(), to = normalization();
  from(torch::randn({4, 2, 3, 3}));
  copy_state(*from, *to);
  EXPECT_TRUE(torch::equal(from->running_var, to->running_var));
  EXPECT_EQ(to->num_batches_tracked.item<int64_t>(), 1);
  EXPECT_NE(from->running_var.data_ptr(), to->running_var.data_ptr());
  torch::nn::Linear other(2, 2);
  EXPECT_THROW(copy_state(*from, *other), c10::Error);
}

}  // namespace
}  // namespace leaf
