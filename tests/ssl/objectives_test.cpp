// Every algorithm against an independent implementation. tests/ssl/oracle/objectives.py wrote the expectations; the formulas of
// the inputs and of the fake network are in its parts.py and again here.
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "leaf/model/layers.h"
#include "leaf/model/precision.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {
namespace {

constexpr int64_t kClasses = 7, kWidth = 8, kLabeled = 4, kUnlabeled = 6, kLabeledPool = 6, kUnlabeledPool = 9;

/// How far a sum of numbers of this size may be off; the oracle's own float32 and float64 differ by at most half of it.
double allowed(double size) { return 2e-4 * std::abs(size) + 1e-6; }

const Json& oracle() {
  static const Json file = [] {
    std::ifstream stream(LEAF_SOURCE_FOLDER "/tests/ssl/oracle/objectives.json");
    return Json::parse(stream);
  }();
  return file;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& item : oracle().at("cases")) names.push_back(item.at("name").get<std::string>());
  return names;
}

const Json& case_named(const std::string& name) {
  for (const auto& item : oracle().at("cases")) {
    if (item.at("name").get<std::string>() == name) return item;
  }
  throw std::out_of_range(name);
}

torch::Tensor count_to(int64_t n) { return torch::arange(n, torch::TensorOptions(torch::kDouble)); }

/// The first eight pixels, normalized over the batch, are the map.
class FakeBackbone : public Backbone {
 public:
  FakeBackbone() : norm_(register_module("norm", torch::nn::BatchNorm2d(kWidth))) {
    const torch::NoGradGuard no_gradient;
    const auto d = count_to(kWidth);
    norm_->weight.copy_(1 + 0.3 * torch::sin(d));
    norm_->bias.copy_(0.2 * torch::cos(3 * d));
  }
  torch::Tensor forward(const torch::Tensor& images, const Pass& pass) override {
    const auto pixels = images.flatten(1).slice(1, 0, kWidth).reshape({images.size(0), kWidth, 1, 1});
    return normalize(norm_, pixels, pass, /*slope=*/1);
  }
  int64_t width() const override { return kWidth; }

 private:
  torch::nn::BatchNorm2d norm_;
};

/// How views pass the network, and where.
struct Way {
  std::string passes, kernels;
  torch::Device device = torch::kCPU;
};

Model fake_model(double number, const Way& way, bool class_shift) {
  ModelOptions options;
  options.kernels = way.kernels;
  options.precision = "float32";
  options.class_shift = class_shift;
  options.dropout = 0;
  options.semantic.enabled = options.instance.enabled = false;
  options.unit_length = true;
  options.scale = 8;
  Model model(std::make_shared<FakeBackbone>(), kClasses, options);
  const torch::NoGradGuard no_gradient;
  const auto c = count_to(kClasses), d = count_to(kWidth);
  auto parameters = model->named_parameters();
  parameters["head.classifier.weight"].copy_(torch::sin(number + 8 * c.unsqueeze(1) + d));
  parameters["head.classifier.bias"].copy_(0.1 * torch::cos(c));
  model->to(way.device);
  return model;
}

/// Another class shift in each step, so that nothing may remember an old one.
void expect_shift(Model& model, int64_t step) {
  if (model->shift().defined()) model->shift().copy_(0.8 * torch::sin(2 + count_to(kClasses) + step));
}

/// View k (labeled, labeled strong, two weak, two strong) of the faces of a step.
torch::Tensor view(int64_t k, int64_t step, double spread, torch::Device device) {
  const int64_t faces = k < 2 ? kLabeled : kUnlabeled;
  const auto j = count_to(faces * 12);
  const double of_view = spread * static_cast<double>(k), of_step = 2.1 * static_cast<double>(step);
  const auto pixels = 1.5 * torch::sin(0.7 * j + of_view + of_step + 0.01 * j * j);
  return pixels.to(device, torch::kFloat32).view({faces, 3, 2, 2}).detach().requires_grad_();
}

/// The views that the algorithm asks for and no others.
Batch fake_batch(int64_t step, double spread, const ViewCount& count, torch::Device device) {
  Batch result;
  result.step = step;
  result.labeled = view(0, step, spread, device);
  result.labeled_faces = ((torch::arange(kLabeled) + 2 * step) % kLabeledPool).to(device);
  result.labels = result.labeled_faces % kClasses;
  result.targets = torch::one_hot(result.labels, kClasses).to(torch::kFloat32);
  result.faces = ((torch::arange(kUnlabeled) + 4 * step) % kUnlabeledPool).to(device);
  for (int64_t i = 0; i < count.labeled_strong; ++i) result.labeled_strong.push_back(view(1 + i, step, spread, device));
  for (int64_t i = 0; i < count.weak; ++i) result.weak.push_back(view(2 + i, step, spread, device));
  for (int64_t i = 0; i < count.strong; ++i) result.strong.push_back(view(4 + i, step, spread, device));
  return result;
}

/// The views by the oracle's names.
std::vector<std::pair<std::string, torch::Tensor>> named_views(const Batch& batch) {
  std::vector<std::pair<std::string, torch::Tensor>> result{{"labeled", batch.labeled}};
  if (!batch.labeled_strong.empty()) result.emplace_back("labeled_strong", batch.labeled_strong[0]);
  for (size_t i = 0; i < batch.weak.size(); ++i) result.emplace_back("weak." + std::to_string(i), batch.weak[i]);
  for (size_t i = 0; i < batch.strong.size(); ++i) result.emplace_back("strong." + std::to_string(i), batch.strong[i]);
  return result;
}

AlgorithmContext context(const Json& given, const Way& way, const Model& average) {
  AlgorithmContext result;
  result.classes = kClasses;
  result.features = kWidth;
  result.map = {kWidth, 1, 1};
  result.labeled_faces = kLabeledPool;
  result.unlabeled_faces = kUnlabeledPool;
  result.labeled_batch = kLabeled;
  result.unlabeled_batch = kUnlabeled;
  result.steps = 10;
  result.prior = {0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05};
  for (int64_t face = 0; face < kLabeledPool; ++face) result.labels.push_back(face % kClasses);
  result.joint_passes = way.passes == "joint";
  result.labeled_steps = given.at("labeled_steps").get<int64_t>();
  result.label_smoothing = given.at("label_smoothing").get<double>();
  result.category.enabled = given.at("category").get<bool>();
  const auto& imbalance = given.at("imbalance");
  if (imbalance.contains("logit_adjustment")) result.imbalance.logit_adjustment = imbalance.at("logit_adjustment").get<double>();
  if (imbalance.contains("alignment")) result.imbalance.alignment = imbalance.at("alignment").get<std::string>();
  if (imbalance.contains("momentum")) result.imbalance.momentum = imbalance.at("momentum").get<double>();
  if (given.at("class_shift").get<bool>()) result.imbalance.shares = "unlabeled";
  result.average = average;
  return result;
}

void set_parameters(const Algorithm& algorithm) {
  const torch::NoGradGuard no_gradient;
  for (const auto& item : algorithm.named_parameters()) {
    const auto i = count_to(item.value().numel());
    const auto values = 0.3 * torch::sin(1 + i + 7 * static_cast<double>(item.key().size()));
    item.value().copy_(values.view(item.value().sizes()));
  }
}

/// Names, values and weights of the terms; the balance of experts that are not there may be among them, as 0.
void expect_terms(const Objective& objective, const Json& expected) {
  size_t found = 0;
  for (const auto& term : objective.terms()) {
    const double value = term.value.item<double>();
    if (term.name == "balance") {
      EXPECT_EQ(value, 0);
      continue;
    }
    ++found;
    ASSERT_TRUE(expected.contains(term.name)) << "the oracle has no term " << term.name;
    const auto& pair = expected.at(term.name);
    EXPECT_NEAR(value, pair.at(0).get<double>(), allowed(pair.at(0).get<double>())) << "term " << term.name;
    EXPECT_NEAR(term.weight, pair.at(1).get<double>(), 1e-6) << "weight of " << term.name;
  }
  EXPECT_EQ(found, expected.size()) << "terms are missing";
}

/// [Σ |g|, Σ g_j cos j]; what is undefined counts as 0.
void expect_sums(const torch::Tensor& numbers, const Json& expected, const std::string& what) {
  const double size = expected.at(0).get<double>(), along = expected.at(1).get<double>();
  const auto flat = numbers.defined() ? numbers.flatten().to(torch::kCPU, torch::kDouble) : torch::zeros({1}, torch::kDouble);
  EXPECT_NEAR(flat.abs().sum().item<double>(), size, allowed(size)) << what;
  EXPECT_NEAR((flat * torch::cos(count_to(flat.numel()))).sum().item<double>(), along, allowed(size)) << what;
}

void expect_state(const Algorithm& algorithm, const Json& expected) {
  const auto buffers = algorithm.named_buffers();
  for (const auto& [name, numbers] : expected.items()) {
    ASSERT_TRUE(buffers.contains(name)) << "no buffer " << name;
    const auto state = buffers[name].flatten().to(torch::kCPU, torch::kDouble);
    const auto values = torch::tensor(numbers.get<std::vector<double>>(), torch::TensorOptions(torch::kDouble));
    ASSERT_EQ(state.numel(), values.numel()) << name;
    const double size = values.abs().max().item<double>();
    EXPECT_LE((state - values).abs().max().item<double>(), allowed(size)) << "state " << name << " is " << state;
  }
}

void expect_step(const Algorithm& algorithm, const Model& model, const Objective& objective, const Batch& batch,
                 const Json& expected) {
  expect_terms(objective, expected.at("terms"));
  const auto total = objective.total();
  EXPECT_NEAR(total.item<double>(), expected.at("total").get<double>(), allowed(expected.at("total").get<double>()));

  total.backward();
  for (const auto& [name, pixels] : named_views(batch))
    expect_sums(pixels.grad(), expected.at("views").at(name), "gradient of " + name);
  const auto& parameters = expected.at("parameters");
  EXPECT_EQ(algorithm.named_parameters().size(), parameters.size());
  for (const auto& item : algorithm.named_parameters()) {
    ASSERT_TRUE(parameters.contains(item.key())) << "the oracle has no parameter " << item.key();
    expect_sums(item.value().grad(), parameters.at(item.key()), "gradient of " + item.key());
  }
  expect_state(algorithm, expected.at("state"));
  const auto buffers = model->named_buffers();
  expect_sums(buffers["backbone.norm.running_mean"], expected.at("running").at("mean"), "running mean");
  expect_sums(buffers["backbone.norm.running_var"], expected.at("running").at("variance"), "running variance");
}

/// All steps of a case on one algorithm; what the first `unwatched` steps say is not in the oracle.
void replay(const Json& given, const Way& way) {
  const bool class_shift = given.at("class_shift").get<bool>();
  auto model = fake_model(1, way, class_shift), average = fake_model(2, way, class_shift);
  const auto algorithm =
      make_algorithm(given.at("algorithm").get<std::string>(), context(given, way, average), given.at("options"));
  set_parameters(*algorithm);
  algorithm->to(way.device);
  const auto count = algorithms().at(given.at("algorithm").get<std::string>()).description.views;
  ASSERT_EQ(count.weak, given.at("views").at("weak").get<int64_t>());
  ASSERT_EQ(count.strong, given.at("views").at("strong").get<int64_t>());
  ASSERT_EQ(count.labeled_strong, given.at("views").at("labeled_strong").get<int64_t>());

  const auto first = given.at("first_step").get<int64_t>(), unwatched = given.at("unwatched").get<int64_t>();
  const auto& steps = given.at(way.passes);
  ASSERT_GT(steps.size(), 0u);
  for (int64_t i = 0; i < given.at("length").get<int64_t>(); ++i) {
    SCOPED_TRACE(way.device.str() + ", " + way.passes + " passes, kernels " + way.kernels + ", step " +
                 std::to_string(first + i));
    const bool labeled_only = first + i < given.at("labeled_steps").get<int64_t>();
    const auto data = fake_batch(first + i, given.at("spread").get<double>(), labeled_only ? ViewCount{0, 0} : count, way.device);
    expect_shift(model, first + i);
    expect_shift(average, first + i);
    algorithm->zero_grad();
    torch::manual_seed(static_cast<uint64_t>(100 + first + i));
    const auto objective = algorithm->objective(model, data);
    if (i >= unwatched) expect_step(*algorithm, model, objective, data, steps.at(static_cast<size_t>(i - unwatched)));
  }
}

class Objectives : public testing::TestWithParam<std::string> {};

TEST_P(Objectives, AreThoseOfTheOracle) {
  std::vector<torch::Device> devices{torch::kCPU};
  const auto algorithm = case_named(GetParam()).at("algorithm").get<std::string>();
  const bool draws = algorithm == "vat" || algorithm == "adamatch";  // random numbers, of which a GPU has others
  if (torch::cuda::is_available() && !draws) devices.emplace_back(torch::kCUDA);
  for (const auto device : devices) {
    prepare(device);
    for (const std::string passes : {"joint", "separate"}) {
      for (const std::string kernels : {"fused", "torch"}) replay(case_named(GetParam()), {passes, kernels, device});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Objectives, testing::ValuesIn(case_names()),
                         [](const testing::TestParamInfo<std::string>& info) { return info.param; });

TEST(Oracle, HasEveryAlgorithmThatIsNotTestedElsewhere) {
  std::set<std::string> covered;
  for (const auto& item : oracle().at("cases")) covered.insert(item.at("algorithm").get<std::string>());
  for (const auto& name : algorithm_names(/*self_supervised=*/false)) {
    if (name == "leaf" || name == "fully_supervised") continue;
    EXPECT_TRUE(covered.contains(name)) << name << " has no case in tests/ssl/oracle/objectives.py";
  }
}

TEST(Oracle, HasTheDefaultsOfEveryAlgorithm) {
  for (const auto& [name, defaults] : oracle().at("defaults").items()) {
    const auto options = resolve_options(name, Json::object(), Json::object());
    for (const auto& [key, value] : defaults.items()) {
      ASSERT_TRUE(options.contains(key)) << name << " has no option " << key;
      EXPECT_TRUE(options.at(key) == value) << name << "." << key << " is " << options.at(key).dump() << " instead of "
                                            << value.dump();
    }
  }
}

}  // namespace
}  // namespace leaf
