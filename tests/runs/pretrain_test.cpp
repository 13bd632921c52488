#include "leaf/runs/pretrain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/model/naming.h"
#include "leaf/pools/make_pools.h"
#include "leaf/recognize/recognizer.h"
#include "leaf/runs/experiment.h"
#include "leaf/ssl/algorithms.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Config tiny_config(const std::string& algorithm = "simclr") {
  Config config;
  config.method = "paper";
  config.algorithm = algorithm;
  config.data.source = "synthetic:168,size=24";
  config.data.labels = 56;
  for (const auto& [key, value] : std::map<std::string, std::string>{{"views.size", "16"},
                                                                     {"views.workers", "1"},
                                                                     {"model.backbone", "resnet10_half"},
                                                                     {"model.stem", "imagenet"},
                                                                     {"train.steps", "6"},
                                                                     {"train.epochs", "3"},
                                                                     {"train.unlabeled_batch", "16"},
                                                                     {"train.threads", "1"},
                                                                     {"optimizer.warm_up", "1"},
                                                                     {"optimizer.learning_rate", "0.01"}}) {
    config.set(key, std::string_view(value));
  }
  return config;
}

/// Every kind of figure of a run as it passes by; stops like a kill after a step, if wanted.
class Watcher : public Observer {
 public:
  explicit Watcher(int64_t stop_at = -1) : stop_at_(stop_at) {}
  void on_start(const RunStart& given) override { start = given; }
  void on_step(const StepReport& report) override {
    losses.push_back(report.figures.front().second);
    if (report.step == stop_at_) throw std::runtime_error("stopped");
  }
  void on_representation(const RepresentationReport& report) override { epochs.push_back(report); }

  RunStart start;
  std::vector<double> losses;
  std::vector<RepresentationReport> epochs;

 private:
  int64_t stop_at_;
};

struct Pretraining : testing::Test {
  TemporaryFolder folder;
  Watcher watcher;
  RunFolder run(const std::string& name) const { return {folder / name}; }
  PretrainReport start(const Config& config, const std::string& name, Observer& observer) {
    const auto resolved = resolve(config);
    return pretrain(resolved, load_pretraining_pools(*resolved, observer), run(name), false, observer);
  }
  /// The message of the Error that `action` throws.
  static std::string refusal(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
};

struct EveryPretraining : Pretraining, testing::WithParamInterface<std::string> {};

TEST_P(EveryPretraining, GivesTheSameBytesWhenItWasStoppedAndContinued) {
  const auto config = tiny_config(GetParam());
  start(config, "whole", watcher);
  Watcher stopper(5);
  EXPECT_THROW(start(config, "stopped", stopper), std::runtime_error);
  resume_pretraining(run("stopped"), watcher);
  for (const auto file : {"metrics.jsonl", "model.safetensors", "config.toml", "split.json", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(read_file(folder / (std::string("whole/") + file)), read_file(folder / (std::string("stopped/") + file))) << file;
  }
}

TEST_P(EveryPretraining, LearnsToTellDrawnFacesApart) {
  auto config = tiny_config(GetParam());
  config.set("train.steps", std::string_view("100"));
  config.set("optimizer.learning_rate", std::string_view("0.05"));
  config.set("algorithm.dim", std::string_view("64"));
  start(config, "run", watcher);
  const auto mean = [&](size_t begin) {
    double sum = 0;
    for (size_t i = begin; i < begin + 10; ++i) sum += watcher.losses[i] / 10;
    return sum;
  };
  ASSERT_EQ(watcher.losses.size(), 100u);
  EXPECT_LT(mean(90), 0.98 * mean(0));
}

INSTANTIATE_TEST_SUITE_P(All, EveryPretraining, testing::ValuesIn(algorithm_names(/*self_supervised=*/true)),
                         [](const auto& info) { return info.param; });

TEST_F(Pretraining, LearnsFromTrainingFacesAloneAndMeasuresByLabels) {
  const auto config = resolve(tiny_config());
  const auto pools = load_pretraining_pools(*config, watcher), same = load_pools(tiny_config(), watcher);
  EXPECT_EQ(pools.test.rows, same.test.rows) << "the test faces of leaf train stay apart";
  EXPECT_EQ(pools.labeled.size() + pools.validation.size(), same.labeled.size()) << "the budget of leaf train";
  EXPECT_GT(pools.validation.size(), 0);
  const auto report = pretrain(config, pools, run("run"), false, watcher);
  EXPECT_EQ(watcher.start.labels.learned, 0);
  EXPECT_EQ(watcher.start.unlabeled, pools.labeled.size() + pools.unlabeled.size());
  EXPECT_EQ(report.faces, watcher.start.unlabeled);
  EXPECT_EQ(report.views, 6 * 2 * 16);
  ASSERT_EQ(watcher.epochs.size(), 3u);
  EXPECT_TRUE(watcher.epochs[0].representation.neighbors && watcher.epochs[0].representation.probe);
  const auto last = Json::parse(read_file(run("run").report())).at("representation");
  EXPECT_EQ(last.at("probe").get<double>(), *watcher.epochs[2].representation.probe);
  EXPECT_THAT(read_file(run("run").metrics()), AllOf(HasSubstr("\"uniformity\""), HasSubstr("\"found\"")));
}

TEST_F(Pretraining, LeavesAnEncoderThatItsBackboneFits) {
  start(tiny_config(), "run", watcher);
  const auto file = read_checkpoint(run("run").model());
  const auto fit = fit_backbone(file.tensors);
  EXPECT_EQ(fit.backbone, "resnet10_half");
  EXPECT_TRUE(fit.report.complete()) << fit.report.summary();
  EXPECT_THAT(file.metadata, testing::IsSupersetOf(std::map<std::string, std::string>{{"leaf_weights", "1"},
                                                                                      {"backbone", "resnet10_half"},
                                                                                      {"stem", "imagenet"},
                                                                                      {"views.size", "16"},
                                                                                      {"views_seen", "192"},
                                                                                      {"algorithm", "simclr"}}));
  EXPECT_THAT(refusal([&] { Recognizer(folder / "run"); }),
              AllOf(HasSubstr("encoder without a classifier"), HasSubstr("leaf train SOURCE --weights")));
}

TEST_F(Pretraining, WorksWithoutAnyLabel) {
  auto config = tiny_config();
  config.data.labels = 0;
  auto dataset = std::make_shared<Dataset>(*load_pools(config, watcher).labeled.dataset);
  dataset->classes.clear();
  for (auto& record : dataset->records) record.label = kUnlabeled;
  const auto pools = pretraining_pools({dataset, nullptr, nullptr}, config.data);
  const auto report = pretrain(resolve(config), pools, run("run"), false, watcher);
  EXPECT_FALSE(report.representation.neighbors || report.representation.probe);
  EXPECT_GT(report.representation.rank, 2);
  EXPECT_LT(report.representation.uniformity, 0);
  EXPECT_FALSE(Json::parse(read_file(run("run").report())).at("representation").contains("neighbors"));
}

TEST_F(Pretraining, NeedsTheFacesOfAStep) {
  auto config = tiny_config();
  config.set("train.unlabeled_batch", std::string_view("500"));
  EXPECT_THAT(refusal([&] { start(config, "run", watcher); }),
              AllOf(HasSubstr("takes 500 different faces"), HasSubstr("--batch")));
  auto pools = load_pretraining_pools(config, watcher);
  pools.labeled.rows.clear();
  pools.unlabeled.rows.clear();
  EXPECT_THAT(refusal([&] { pretrain(resolve(config), pools, run("run"), false, watcher); }), HasSubstr("needs faces"));
  EXPECT_FALSE(std::filesystem::exists(run("run").root));
}

TEST_F(Pretraining, StopsAtACollapseAndKeepsTheLastCheckpoint) {
  auto config = tiny_config();
  for (const auto& [key, value] : std::map<std::string, std::string>{{"optimizer.kind", "sgd"},
                                                                     {"optimizer.momentum", "0"},
                                                                     {"optimizer.schedule", "constant"},
                                                                     {"optimizer.learning_rate", "0.16"},
                                                                     {"average.decay", "0"}}) {
    config.set(key, std::string_view(value));
  }
  Watcher stopper(3);
  EXPECT_THROW(start(config, "run", stopper), std::runtime_error);
  const auto kept = read_file(run("run").last());
  config = run_config(run("run"));
  config.average.weight_decay = 100;  // times the rate of 0.01: a step leaves nothing of the weights, and all features are zero
  write_file(run("run").config(), config.to_toml());
  EXPECT_THAT(refusal([&] { resume_pretraining(run("run"), watcher); }),
              AllOf(HasSubstr("collapsed at step 4"), HasSubstr("same features"), HasSubstr("last.safetensors"),
                    HasSubstr("learning_rate")));
  EXPECT_EQ(read_file(run("run").last()), kept);
  EXPECT_THAT(read_file(run("run").metrics()), HasSubstr("\"rank\":0.0"));
}

TEST_F(Pretraining, LeavesRunsWithLabelsToTraining) {
  auto config = tiny_config("fixmatch");
  EXPECT_THAT(refusal([&] { start(config, "run", watcher); }), HasSubstr("leaf train"));
  start(tiny_config(), "encoder", watcher);
  EXPECT_THAT(refusal([&] { resume_experiment(run("encoder"), watcher); }), HasSubstr("leaf pretrain"));
  config = tiny_config();
  EXPECT_THAT(refusal([&] { run_experiment(resolve(config), load_pools(config, watcher), run("run"), false, watcher); }),
              HasSubstr("leaf pretrain"));
}

}  // namespace
}  // namespace leaf
