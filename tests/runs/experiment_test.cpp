#include "leaf/runs/experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/ssl/algorithms.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

Config tiny_config(const std::string& method = "paper") {
  Config config;
  config.method = method;
  config.data.source = "synthetic:420,size=32";
  config.data.labels = 70;
  config.views.size = 16;
  config.views.padding = 2;
  config.views.workers = 1;
  config.model.backbone = "resnet10_half";
  config.model.stem = "imagenet";
  config.model.scale = 16;
  config.train.steps = 6;
  config.train.epochs = 3;
  config.train.labeled_batch = 8;
  config.train.unlabeled_batch = 8;
  config.train.threads = 1;
  return config;
}

/// Stops a run by an exception after some steps, as a kill would.
class Stopper : public Observer {
 public:
  explicit Stopper(int64_t step) : step_(step) {}
  void on_step(const StepReport& report) override {
    if (report.step == step_) throw std::runtime_error("stopped");
  }

 private:
  int64_t step_;
};

struct Experiment : testing::Test {
  TemporaryFolder folder;
  Observer silent;
  RunFolder run(const std::string& name) const { return {folder / name}; }
  std::string text(const std::filesystem::path& path) const { return read_file(path); }
};

TEST_F(Experiment, WritesTheSameBytesForTheSameSeed) {
  for (const std::string method : {"paper", "reference"}) {
    const auto config = tiny_config(method);
    const auto pools = load_pools(config, silent);
    run_experiment(resolve(config), pools, run(method + "1"), false, silent);
    run_experiment(resolve(config), pools, run(method + "2"), false, silent);
    for (const auto file : {"metrics.jsonl", "model.safetensors", "split.json", "config.toml", "test/confusion.csv",
                            "checkpoints/last.safetensors"}) {
      EXPECT_EQ(text(folder / (method + "1/" + file)), text(folder / (method + "2/" + file))) << file;
    }
  }
}

TEST_F(Experiment, GivesTheSameNumbersWhenItWasStoppedAndContinued) {
  const auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("stopped"), false, stopper), std::runtime_error);
  resume_experiment(run("stopped"), silent);
  for (const auto file : {"metrics.jsonl", "model.safetensors", "test/confusion.csv", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
}

struct EveryExperiment : Experiment, testing::WithParamInterface<std::string> {};

TEST_P(EveryExperiment, GivesTheSameNumbersWhenItWasStoppedAndContinued) {
  auto config = tiny_config();
  config.data.source = "synthetic:120,size=16";
  config.data.labels = 21;
  config.algorithm = GetParam();
  config.imbalance = {.sampling = "classes", .logit_adjustment = 1};
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("stopped"), false, stopper), std::runtime_error);
  resume_experiment(run("stopped"), silent);
  for (const auto file : {"metrics.jsonl", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
}

TEST_F(Experiment, WithARecipeGivesTheSameNumbersWhenItWasStoppedAndContinued) {
  for (const std::string algorithm : {"leaf", "dash", "uda"}) {
    auto config = tiny_config();
    config.train.recipe = "scratch";
    config.set("train.labeled_steps", Json(2));
    config.algorithm = algorithm;
    const auto pools = load_pools(config, silent);
    run_experiment(resolve(config), pools, run(algorithm), false, silent);
    Stopper stopper(5);
    EXPECT_THROW(run_experiment(resolve(config), pools, run(algorithm + "-stopped"), false, stopper), std::runtime_error);
    resume_experiment(run(algorithm + "-stopped"), silent);
    for (const auto file : {"metrics.jsonl", "checkpoints/last.safetensors"}) {
      EXPECT_EQ(text(folder / (algorithm + "/" + file)), text(folder / (algorithm + "-stopped/" + file)))
          << algorithm << " " << file;
    }
    EXPECT_EQ(Json::parse(text(folder / (algorithm + "/test/report.json"))).at("views"),
              2 * 8 + 4 * (8 + 8 * (algorithm == "leaf" ? 3 : 2)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryExperiment, testing::ValuesIn(algorithm_names(/*self_supervised=*/false)),
                         [](const auto& info) { return info.param; });

TEST_F(Experiment, GivesTheSameNumbersWhenAHarderRunWasStoppedAndContinued) {
  auto config = tiny_config();
  config.data.foreign = "synthetic:300,size=16,seed=9";
  config.data.tail = 3;
  config.data.wrong_labels = 0.2;
  config.outliers.reject = "distance";
  const auto pools = load_pools(config, silent);
  EXPECT_EQ(pools.labeled.dataset, pools.unlabeled.dataset);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("stopped"), false, stopper), std::runtime_error);
  resume_experiment(run("stopped"), silent);
  for (const auto file : {"metrics.jsonl", "split.json", "test/confusion.csv", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
  EXPECT_THAT(text(run("whole").metrics()), HasSubstr("\"rejected\""));
}

TEST_F(Experiment, NeedsValidationFacesToKnowOutliers) {
  auto config = tiny_config();
  config.data.source = "synthetic:420,size=32,classes=7";
  config.outliers.reject = "distance";
  auto pools = load_pools(config, silent);
  pools.validation.rows.clear();
  try {
    run_experiment(resolve(config), pools, run("run"), false, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("raise data.validation"));
  }
}

TEST_F(Experiment, SaysThatThereIsNoUnlabeledFace) {
  for (const bool every_label : {true, false}) {
    auto config = tiny_config();
    if (every_label) config.data.labels = 0;
    if (!every_label) config.data.unlabeled_share = 0;
    const auto pools = load_pools(config, silent);
    EXPECT_EQ(pools.unlabeled.size(), 0);
    try {
      run_experiment(resolve(config), pools, run("run"), false, silent);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::StartsWith("this algorithm needs unlabeled faces, but there is none"));
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
    EXPECT_FALSE(std::filesystem::exists(run("run").root));
  }
}

TEST_F(Experiment, LearnsFromEveryLabelWhenTheAlgorithmAsksForThem) {
  auto config = tiny_config();
  config.algorithm = "fully_supervised";
  const auto pools = load_pools(config, silent);
  struct Start : Observer {
    void on_start(const RunStart& start) override { labeled = start.labeled; }
    int64_t labeled = 0;
  } start;
  run_experiment(resolve(config), pools, run("run"), false, start);
  EXPECT_EQ(start.labeled, pools.labeled.size() + pools.unlabeled.size());
}

TEST_F(Experiment, RefusesACategoryLevelThatCannotRank) {
  auto config = tiny_config();
  config.set("category.max_positive", std::string_view("7"));
  EXPECT_THROW(run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent), UsageError);
}

TEST_F(Experiment, KeepsWhatExistsUnlessForced) {
  const auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("run"), false, silent);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("run"), false, silent), Error);
  EXPECT_NO_THROW(run_experiment(resolve(config), pools, run("run"), true, silent));
  make_folder(folder / "mine");
  write_file(folder / "mine/letter.txt", "dear");
  EXPECT_THROW(run_experiment(resolve(config), pools, run("mine"), true, silent), Error);
  EXPECT_EQ(text(folder / "mine/letter.txt"), "dear");
}

TEST_F(Experiment, RefusesAnotherRunsCheckpoint) {
  auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("leaf"), false, silent);
  config.algorithm = "supervised";
  run_experiment(resolve(config), pools, run("supervised"), false, silent);
  std::filesystem::copy_file(run("leaf").last(), run("supervised").last(), std::filesystem::copy_options::overwrite_existing);
  try {
    resume_experiment(run("supervised"), silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("algorithm is \"leaf\" there, but \"supervised\" here"));
  }
}

TEST_F(Experiment, RefusesACheckpointOfOtherFaces) {
  auto config = tiny_config();
  config.algorithm = "flexmatch";  // remembers a class for each unlabeled face
  run_experiment(resolve(config), load_pools(config, silent), run("more"), false, silent);
  config.data.source = "synthetic:320,size=32";
  run_experiment(resolve(config), load_pools(config, silent), run("fewer"), false, silent);
  std::filesystem::copy_file(run("more").last(), run("fewer").last(), std::filesystem::copy_options::overwrite_existing);
  try {
    resume_experiment(run("fewer"), silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("unlabeled_faces is "));
  }
}

TEST_F(Experiment, StopsAtALossThatIsNotFinite) {
  auto config = tiny_config();
  config.optimizer.learning_rate = 1e30;  // the first step throws every weight out of float32's range
  const auto pools = load_pools(config, silent);
  try {
    run_experiment(resolve(config), pools, run("run"), false, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the loss term \""));
    EXPECT_THAT(error.what(), HasSubstr("at step 2"));
    EXPECT_THAT(error.what(), HasSubstr("last.safetensors"));
    EXPECT_THAT(error.what(), HasSubstr("learning_rate"));
  }
}

TEST_F(Experiment, LearnsFromAHandfulOfLabels) {
  auto config = tiny_config();
  config.algorithm = "supervised";
  config.views.size = 32;
  config.train.steps = 150;
  config.train.epochs = 5;
  config.train.labeled_batch = 16;
  config.optimizer.learning_rate = 0.0015;
  config.average.decay = 0.95;
  config.model.dropout = 0;
  const auto report = run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent);
  EXPECT_GT(report.test.accuracy, 0.28);  // chance is 0.14
}

}  // namespace
}  // namespace leaf
