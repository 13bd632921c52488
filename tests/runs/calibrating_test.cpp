#include "leaf/runs/calibrating.h"

#include <gtest/gtest.h>

#include <csignal>

#include "leaf/base/bytes.h"
#include "leaf/base/stop.h"
#include "leaf/runs/experiment.h"
#include "leaf/train/evaluate.h"
#include "tests/runs/tinted.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

struct Calibrating : testing::Test {
  Calibrating() {
    config.algorithm = "supervised";
    config.data.source = "synthetic:300,size=16,classes=7";
    config.data.labels = 21;
    config.train.steps = 40;
    config.train.epochs = 2;
    pools = load_pools(config, silent);
  }

  TemporaryFolder folder;
  Config config = tinted_config();
  Observer silent;
  Pools pools;
};

TEST_F(Calibrating, TellsTheSameOfARunThatWasStoppedMeanwhileAndGoesOn) {
  const RunFolder whole{folder / "whole"}, stopped{folder / "stopped"};
  const auto report = run_experiment(resolve(config), pools, whole, false, silent);
  ASSERT_TRUE(report.calibration && report.sets);
  EXPECT_EQ(report.calibration->calibration.fitted_on, "folds");
  EXPECT_EQ(report.calibration->calibration.faces, 21);
  const auto file = load_model(whole.model());
  ASSERT_TRUE(file.calibration.has_value());
  EXPECT_EQ(file.calibration->temperature, report.calibration->calibration.temperature);
  EXPECT_EQ(file.calibration->scores.size(), 21u);
  const auto written = parse_json(read_file(whole.report()));
  EXPECT_EQ(written.at("calibration").at("temperature").get<double>(), file.calibration->temperature);
  EXPECT_EQ(written.at("sets").at("asked").get<double>(), 0.9);

  auto model = file.model;
  const auto said = predict(model, pools.test, file.views, torch::kCPU);
  EXPECT_EQ(measured(pools.test, said, file.temperature()).calibration_error, report.test.calibration_error);
  EXPECT_EQ(measured(pools.test, said).calibration_error, report.calibration->uncalibrated_error);

  struct Signaler : Observer {
    void on_progress(const std::string& what, int64_t done, int64_t /*total*/) override {
      if (what.starts_with("cross-fitting") && done == 25) std::raise(SIGTERM);
    }
  } signaler;
  EXPECT_THROW(run_experiment(resolve(config), pools, stopped, false, signaler), Stopped);
  EXPECT_FALSE(stopped.finished());
  EXPECT_FALSE(load_model(stopped.model()).calibration.has_value());
  const auto gone_on = resume_experiment(stopped, silent);
  EXPECT_EQ(read_file(stopped.model()), read_file(whole.model()));
  EXPECT_EQ(to_json(*gone_on.sets), to_json(*report.sets));

  const auto tested_again = resume_experiment(whole, silent);  // nothing is fitted anew
  EXPECT_EQ(to_json(*tested_again.calibration), to_json(*report.calibration));
  EXPECT_EQ(read_file(stopped.model()), read_file(whole.model()));
}

TEST_F(Calibrating, IsDoneByTheValidationFacesThatWereNamed) {
  config.data.validation_source = "part";
  pools = load_pools(config, silent);
  ASSERT_GT(pools.validation.size(), 0);
  const auto report = run_experiment(resolve(config), pools, {folder / "run"}, false, silent);
  ASSERT_TRUE(report.calibration.has_value());
  EXPECT_EQ(report.calibration->calibration.fitted_on, "validation");
  EXPECT_EQ(report.calibration->calibration.faces, pools.validation.size());
}

TEST_F(Calibrating, IsLeftOutWhereItIsNotAskedForOrCannotBe) {
  struct Listener : Observer {
    void on_note(const std::string& text) override { told += text + "\n"; }
    std::string told;
  } listener;
  config.train.steps = 39;  // folds of nine steps
  EXPECT_FALSE(run_experiment(resolve(config), pools, {folder / "a"}, false, listener).calibration.has_value());
  EXPECT_NE(listener.told.find("not calibrated: the run has too few steps"), std::string::npos);
  config.train.steps = 40;
  config.train.calibrate = false;
  EXPECT_FALSE(run_experiment(resolve(config), pools, {folder / "b"}, false, silent).calibration.has_value());
  EXPECT_TRUE(parse_json(read_file(RunFolder{folder / "b"}.report())).at("calibration").is_null());
}

}  // namespace
}  // namespace leaf
