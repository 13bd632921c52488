// What a GPU computes against what the processor does. Skipped where there is none.
#include "leaf/model/kernels/gpu.h"

#include <ATen/ops/conv2d.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/nn/modules/batchnorm.h>

#include <map>

#include "leaf/base/built.h"
#include "leaf/base/bytes.h"
#include "leaf/model/model.h"
#include "leaf/model/precision.h"
#include "leaf/recognize/recognizer.h"
#include "leaf/runs/experiment.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/train/trainer.h"
#include "tests/runs/tinted.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

torch::Device device() { return torch::cuda::is_available() ? torch::kCUDA : torch::kCPU; }

// These two are libtorch's operators, so they run on the processor where there is no GPU.

TEST(GpuKernels, ConvolveAsLibtorchDoes) {
  prepare(device());
  torch::manual_seed(1);
  const auto x = torch::randn({3, 4, 9, 7}).to(device()).requires_grad_(),
             weight = torch::randn({5, 4, 3, 3}).to(device()).requires_grad_(),
             bias = torch::randn({5}).to(device()).requires_grad_(), added = torch::randn({3, 5, 5, 4}).to(device());
  for (const double slope : {0.0, 0.1, 1.0}) {
    const auto found = gpu::convolve(x, weight, bias, 2, 1, slope, added);
    const auto plain = at::conv2d(x, weight, bias, 2, 1) + added;
    const auto expected = torch::where(plain > 0, plain, plain * slope);
    EXPECT_LE((found - expected).abs().max().item<double>(), 1e-5);
    const auto of_found = torch::autograd::grad({found.square().sum()}, {x, weight, bias}),
               of_expected = torch::autograd::grad({expected.square().sum()}, {x, weight, bias});
    for (size_t i = 0; i < of_found.size(); ++i) EXPECT_TRUE(torch::allclose(of_found[i], of_expected[i], 1e-4, 1e-4));
  }
}

TEST(GpuKernels, NormalizeEachBatchByItself) {
  prepare(device());
  torch::manual_seed(2);
  const auto x = torch::randn({6, 4, 5, 5}).contiguous(torch::MemoryFormat::ChannelsLast).to(device()).requires_grad_(),
             added = torch::randn({6, 4, 5, 5}).to(device());
  torch::nn::BatchNorm2d plain(4);
  plain->weight.data().uniform_(0.5, 1.5);
  plain->bias.data().uniform_(-1, 1);
  plain->to(device());
  const auto mean = plain->running_mean.clone(), variance = plain->running_var.clone();
  const Normalization how{plain->weight, plain->bias, mean, variance, plain->options.eps(), 0.1, 0};
  const auto found = gpu::normalize_batches(x, added, how, {2, 4}, 1);
  const auto first = plain(x.slice(0, 0, 2));
  const auto followed_mean = plain->running_mean.clone(), followed_variance = plain->running_var.clone();
  const auto expected = (torch::cat({first, plain(x.slice(0, 2))}) + added).relu();
  EXPECT_TRUE(torch::allclose(found, expected, 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(mean, followed_mean) && torch::allclose(variance, followed_variance));
  const auto of_found = torch::autograd::grad({found.square().sum()}, {x, plain->weight, plain->bias}),
             of_expected = torch::autograd::grad({expected.square().sum()}, {x, plain->weight, plain->bias});
  for (size_t i = 0; i < of_found.size(); ++i) EXPECT_TRUE(torch::allclose(of_found[i], of_expected[i], 1e-3, 1e-4));
  plain->eval();
  const Normalization running{plain->weight, plain->bias, plain->running_mean, plain->running_var, plain->options.eps(), 0.1, 1};
  const torch::NoGradGuard no_gradient;
  EXPECT_TRUE(torch::allclose(gpu::normalize_running(x, {}, running), plain(x), 1e-4, 1e-5));
}

struct Gpu : testing::Test {
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "there is no GPU here";
    prepare(torch::Device(torch::kCUDA));
  }
};

Config tiny_config() {
  auto config = tinted_config();
  config.data.source = "synthetic:420,size=32";
  config.data.labels = 70;
  config.views.size = 32;
  config.model.scale = 16;
  config.model.precision = "float32";
  config.model.dropout = 0;  // the two draw other numbers
  // Gates begin with equal values for all experts: which of them are the top ones, each device decides by itself.
  config.model.semantic.gate = config.model.instance.gate = "dense";
  config.train.steps = 4;
  config.train.epochs = 2;
  return config;
}

/// What the steps of a run say.
class Steps : public Observer {
 public:
  void on_step(const StepReport& report) override { figures.push_back(report.figures); }
  std::vector<std::vector<std::pair<std::string, double>>> figures;
};

Steps steps_on(const std::string& device, Config config) {
  config.train.device = device;
  Steps steps;
  const auto pools = load_pools(config, steps);
  measure_steps(on_this_machine(resolve(std::move(config))), pools, steps);
  return steps;
}

void expect_close(const Steps& gpu, const Steps& processor, double tolerance) {
  ASSERT_EQ(gpu.figures.size(), processor.figures.size());
  for (size_t i = 0; i < gpu.figures.size(); ++i) {
    ASSERT_EQ(gpu.figures[i].size(), processor.figures[i].size());
    for (size_t j = 0; j < gpu.figures[i].size(); ++j) {
      const auto& [name, value] = gpu.figures[i][j];
      const double expected = processor.figures[i][j].second;
      EXPECT_EQ(name, processor.figures[i][j].first);
      if (name == "confident" || name == "largest_class") continue;  // counts of faces, of which one may be near a limit
      // Adam makes full steps of gradients that are rounding errors.
      const double allowed = (i == 0 ? 1 : 10) * tolerance * (1 + std::abs(expected));
      EXPECT_NEAR(value, expected, allowed) << name << " of step " << i + 1;
    }
  }
}

TEST_F(Gpu, TakesTheStepsOfTheProcessor) {
  for (const std::string passes : {"joint", "separate"}) {
    for (const std::string kind : {"adam", "adamw", "sgd"}) {
      SCOPED_TRACE(passes + " passes, " + kind);
      auto config = tiny_config();
      config.train.passes = passes;
      config.optimizer.kind = kind;
      config.optimizer.learning_rate = 1e-4;
      expect_close(steps_on("cuda", config), steps_on("cpu", config), 2e-3);
    }
  }
}

TEST_F(Gpu, TakesThemInBfloat16) {
  auto config = tiny_config();
  config.model.precision = "bfloat16";
  config.optimizer.learning_rate = 1e-4;
  const auto gpu = steps_on("cuda", config);
  config.model.precision = "float32";
  const auto processor = steps_on("cpu", config);
  EXPECT_NEAR(gpu.figures.front().front().second, processor.figures.front().front().second, 0.1);
}

TEST_F(Gpu, TrainsByEveryAlgorithm) {
  for (const auto& name : algorithm_names(/*self_supervised=*/false)) {
    SCOPED_TRACE(name);
    auto config = tiny_config();
    config.algorithm = name;
    try {
      EXPECT_EQ(steps_on("cuda", config).figures.size(), 4U);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST_F(Gpu, PredictsWhatTheProcessorDoes) {
  for (const auto& backbone : backbones().names()) {
    SCOPED_TRACE(backbone);
    torch::manual_seed(0);
    ModelOptions options;
    options.backbone = backbone;
    options.precision = "float32";
    options.semantic.gate = options.instance.gate = "dense";
    const int64_t size = 112;
    auto model = make_model(options, 7, size);
    model->eval();
    const torch::NoGradGuard no_gradient;
    const auto images = torch::randn({3, 3, size, size});
    const auto expected = model->forward(images).probabilities();
    model->to(torch::kCUDA);
    const auto found = model->forward(images.to(torch::kCUDA)).probabilities().cpu();
    EXPECT_LE((found - expected).abs().max().item<double>(), 1e-4);
  }
}

TEST_F(Gpu, WritesTheSameBytesForTheSameSeedAndContinues) {
  const TemporaryFolder folder;
  Observer silent;
  auto config = tiny_config();
  config.model.precision = "auto";
  config.train.device = "cuda";
  const auto pools = load_pools(config, silent);
  for (const std::string name : {"first", "second"}) run_experiment(resolve(config), pools, {folder / name}, false, silent);
  for (const std::string file : {"metrics.jsonl", "model.safetensors", "checkpoints/last.safetensors"})
    EXPECT_EQ(read_file(folder / ("first/" + file)), read_file(folder / ("second/" + file))) << file;
  Recognizer on_gpu(folder / "first", torch::kCUDA),
      on_processor(folder / "first", torch::kCPU, built_with("onednn") ? "float32" : "");
  const std::vector<Image> faces(5, Image(32, 32));
  EXPECT_LE((on_gpu.recognize(faces) - on_processor.recognize(faces)).abs().max().item<double>(), 0.02);
}

}  // namespace
}  // namespace leaf
