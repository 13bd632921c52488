#include "leaf/runs/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/runs/beside.h"
#include "leaf/runs/experiment.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

Config tiny_config() {
  Config config;
  config.method = "paper";
  config.data.source = "synthetic:200,size=16,classes=7";
  config.data.labels = 21;
  config.views.size = 16;
  config.views.padding = 2;
  config.views.workers = 1;
  config.model.backbone = "resnet10_half";
  config.model.stem = "imagenet";
  config.train.steps = 4;
  config.train.epochs = 2;
  config.train.labeled_batch = 4;
  config.train.unlabeled_batch = 4;
  config.train.threads = 1;
  return config;
}

struct Baseline : testing::Test {
  TemporaryFolder folder;
  Observer silent;
  RunFolder run() const { return {folder / "run"}; }
};

TEST(BaselineConfig, ChangesTheAlgorithmAlone) {
  auto run = tiny_config();
  run.imbalance.alignment = "uniform";
  run.outliers.reject = "distance";
  run.train.views = 100;
  const auto whole = resolve(run), config = baseline_config(whole);
  EXPECT_EQ(config->algorithm, "supervised");
  EXPECT_EQ(config->train.steps, whole->train.steps);
  EXPECT_EQ(config->train.views, 0);
  EXPECT_EQ(config->to_json().at("model"), whole->to_json().at("model"));  // LEAF's network, not supervised learning's own
  EXPECT_EQ(config->to_json().at("data"), whole->to_json().at("data"));
  EXPECT_FALSE(config->category.enabled);
  run = tiny_config();
  run.algorithm = "fully_supervised";
  EXPECT_THROW(baseline_config(resolve(run)), UsageError);
}

TEST_F(Baseline, IsTrainedBesideItsRunAndFoundAgain) {
  const auto config = resolve(tiny_config());
  const auto datasets = load_datasets(*config, silent);
  const auto pools = divide_datasets(*config, datasets, silent);
  run_baseline(config, datasets, pools, run(), false, silent);
  EXPECT_EQ(baseline_accuracy(run(), config), std::nullopt);  // the run itself has no split yet
  const auto report = run_experiment(config, pools, run(), false, silent);
  ASSERT_TRUE(report.advice.supervised);
  EXPECT_EQ(report.advice.supervised, baseline_accuracy(run(), config));
  EXPECT_EQ(*report.advice.supervised, Json::parse(read_file(run().baseline().report())).at("test").at("accuracy").get<double>());
  EXPECT_THAT(report.advice.sentence, HasSubstr("supervised learning alone gave"));
  EXPECT_EQ(Json::parse(read_file(run().report())).at("advice").at("sentence"), report.advice.sentence);
  EXPECT_EQ(resume_experiment(run(), silent).advice.sentence, report.advice.sentence);

  const auto before = std::filesystem::last_write_time(run().baseline().report());
  run_baseline(config, datasets, pools, run(), false, silent);  // it is there already
  EXPECT_EQ(std::filesystem::last_write_time(run().baseline().report()), before);
  run_experiment(config, pools, run(), true, silent);  // --force leaves it
  EXPECT_TRUE(baseline_accuracy(run(), config));

  auto longer = tiny_config();
  longer.train.steps = 6;
  const auto other = resolve(longer);
  try {
    run_baseline(other, datasets, pools, run(), false, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("train.steps = 4, not 6"));
  }
}

TEST_F(Baseline, DoesNotCountForOtherFaces) {
  const auto config = resolve(tiny_config());
  const auto datasets = load_datasets(*config, silent);
  run_baseline(config, datasets, divide_datasets(*config, datasets, silent), run(), false, silent);
  auto elsewhere = tiny_config();
  elsewhere.data.split_seed = 6;
  const auto other = resolve(elsewhere);
  const auto report = run_experiment(other, divide_datasets(*other, datasets, silent), run(), false, silent);
  EXPECT_FALSE(report.advice.supervised);
}

TEST_F(Baseline, ContinuesWhereItWasStopped) {
  struct Stopper : Observer {
    void on_step(const StepReport& report) override {
      if (report.step == 3) throw std::runtime_error("stopped");
    }
  } stopper;
  const auto config = resolve(tiny_config());
  const auto datasets = load_datasets(*config, silent);
  const auto pools = divide_datasets(*config, datasets, silent);
  EXPECT_THROW(run_baseline(config, datasets, pools, run(), false, stopper), std::runtime_error);
  run_baseline(config, datasets, pools, run(), false, silent);
  EXPECT_TRUE(std::filesystem::exists(run().baseline().report()));
}

}  // namespace
}  // namespace leaf
