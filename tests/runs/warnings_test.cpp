#include "leaf/runs/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace leaf {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Keeps what reaches it.
struct Recorder : Observer {
  void on_note(const std::string& text) override { notes.push_back(text); }
  void on_start(const RunStart&) override { ++starts; }
  void on_step(const StepReport&) override { ++steps; }
  void on_epoch(const EpochReport&) override { ++epochs; }
  void on_representation(const RepresentationReport&) override { ++representations; }
  std::vector<std::string> notes;
  int starts = 0, steps = 0, epochs = 0, representations = 0;
};

struct Watched : testing::Test {
  Watched() {
    config.algorithm = "fixmatch";
    config.algorithm_options = {{"threshold", 0.95}};
    config.model.unit_length = false;
    config.optimizer.learning_rate = 0.001;
    start.steps = 3200;
    start.classes = {"neutral", "happiness", "fear"};
  }

  /// Steps from the first to the last with these figures.
  static void take(Warnings& warnings, int64_t first, int64_t last, double confident, double largest_class) {
    for (int64_t step = first; step <= last; ++step) {
      warnings.on_step({.step = step, .figures = {{"loss", 1}, {"confident", confident}, {"largest_class", largest_class}}});
    }
  }

  static void validate(Warnings& warnings, const std::vector<double>& accuracies, int64_t faces = 400) {
    int64_t epoch = 0;
    for (const double accuracy : accuracies) {
      EpochReport report;
      report.epoch = ++epoch;
      report.step = 100 * epoch;
      report.validation.accuracy = accuracy;
      report.validation.faces = faces;
      warnings.on_epoch(report);
    }
  }

  Config config;
  Recorder seen;
  RunStart start;
};

TEST_F(Watched, PassEverythingOn) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  warnings.on_note("hello");
  take(warnings, 1, 700, 0.3, 0.5);
  validate(warnings, {0.4, 0.5});
  warnings.on_representation({});
  EXPECT_EQ(seen.starts, 1);
  EXPECT_EQ(seen.steps, 700);
  EXPECT_EQ(seen.epochs, 2);
  EXPECT_EQ(seen.representations, 1);
  EXPECT_THAT(seen.notes, ElementsAre("hello"));
}

TEST_F(Watched, AreToldOnceThatNoFaceIsConfident) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  take(warnings, 1, 499, 0, 0.5);
  EXPECT_TRUE(seen.notes.empty());
  take(warnings, 500, 1500, 0, 0.5);
  EXPECT_THAT(seen.notes, ElementsAre(AllOf(HasSubstr("no unlabeled face was confident in steps 1 to 500 of 3,200"),
                                            HasSubstr("--set algorithm.threshold=0.76"))));
}

TEST_F(Watched, CountTheStepsWithUnlabeledFacesAlone) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  StepReport labeled_only;
  for (labeled_only.step = 1; labeled_only.step <= 1000; ++labeled_only.step) warnings.on_step(labeled_only);
  take(warnings, 1001, 1499, 0, 0.5);
  EXPECT_TRUE(seen.notes.empty());
  take(warnings, 1500, 1500, 0, 0.5);
  EXPECT_THAT(seen.notes, ElementsAre(HasSubstr("in steps 1,001 to 1,500 of 3,200")));
}

TEST_F(Watched, WaitLessInAShortRunAndCountFromWhereItContinues) {
  start.steps = 600;
  start.first_step = 300;
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  take(warnings, 301, 419, 0, 0.5);
  EXPECT_TRUE(seen.notes.empty());
  take(warnings, 420, 420, 0, 0.5);
  EXPECT_THAT(seen.notes, ElementsAre(HasSubstr("in steps 301 to 420 of 600")));
}

TEST_F(Watched, AreNotWarnedAfterOneConfidentFace) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  take(warnings, 1, 1, 0.06, 0.5);
  take(warnings, 2, 1500, 0, 0.5);
  EXPECT_TRUE(seen.notes.empty());
}

TEST_F(Watched, AreToldOnceThatOneClassTakesAll) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  take(warnings, 1, 199, 0.5, 0.97);
  EXPECT_TRUE(seen.notes.empty());
  take(warnings, 200, 900, 0.5, 0.97);
  EXPECT_THAT(seen.notes, ElementsAre(AllOf(HasSubstr("one of 3 classes takes 97 %"), HasSubstr("in the 200 steps up to 200"),
                                            HasSubstr("imbalance.alignment=uniform"))));
}

TEST_F(Watched, AreNotWarnedOfAClassThatMayBeThatFrequent) {
  for (const auto& [confident, largest] :
       {std::pair{0.5, 0.85}, {0.01, 0.97}}) {  // a share that may be right; beliefs that nobody learns
    Warnings warnings(resolve(config), seen);
    warnings.on_start(start);
    take(warnings, 1, 900, confident, largest);
  }
  start.classes = {"neutral", "happiness"};
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  take(warnings, 1, 900, 0.5, 0.97);
  EXPECT_TRUE(seen.notes.empty());
}

TEST_F(Watched, AreToldOnceThatValidationFalls) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  validate(warnings, {0.4, 0.6, 0.54, 0.53});
  EXPECT_TRUE(seen.notes.empty());
  validate(warnings, {0.52, 0.51, 0.5});
  EXPECT_THAT(seen.notes, ElementsAre(AllOf(HasSubstr("below its best for 3 epochs: 52.0 % now, 60.0 ± 2.4 % at step 200"),
                                            HasSubstr("--set optimizer.learning_rate=0.0005"))));
}

TEST_F(Watched, AreNotWarnedOfValidationWithinItsError) {
  Warnings warnings(resolve(config), seen);
  warnings.on_start(start);
  validate(warnings, {0.6, 0.56, 0.56, 0.56, 0.56});    // 5 points are twice the error
  validate(warnings, {0.6, 0.5, 0.5, 0.59, 0.5, 0.5});  // never three on end
  validate(warnings, {0.6, 0, 0, 0}, 0);                // no validation faces
  EXPECT_TRUE(seen.notes.empty());
}

}  // namespace
}  // namespace leaf
