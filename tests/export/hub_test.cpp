#include "leaf/export/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/runs/run_folder.h"
#include "tests/error_of.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Hub : testing::Test {
  Hub() {
    file.options.backbone = "resnet10_half";
    file.views.size = 32;
    file.classes = {"neutral", "happiness"};
    file.model = make_model(file.options, 2, file.views.size);
    file.options.weights = "/home/somebody/expression.safetensors";
    save_model(run.model(), file);
  }

  /// What a run leaves beside its model: tested on ten faces, eight of them neutral.
  void finish_run() const {
    Config config;
    config.algorithm = "fixmatch";
    write_file(run.config(), config.to_toml());
    write_file(run.split(),
               R"({"labeled": {"dataset": "ferplus"}, "test": {"dataset": "rafdb"}, "counts": {"unlabeled": 12000}})");
    write_file(run.weights(), R"_({"source": "/home/somebody/expression.safetensors (0123)"})_");
    make_folder(run.report().parent_path());
    write_file(run.report(), R"({"test": {"faces": 10, "accuracy": 0.9, "balanced_accuracy": 0.75, "macro_f1": 0.8,
      "per_class": {"neutral": {"precision": 0.9, "recall": 1, "f1": 0.9, "support": 8},
                    "happiness": {"precision": 1, "recall": 0.5, "f1": 0.7, "support": 2}}},
      "labels": {"learned": 80, "choosing": 20, "choosing_outside_of_budget": true, "test": 10}, "steps": 3200,
      "advice": {"interval": [0.6, 0.98]}})");
  }

  TemporaryFolder folder;
  const RunFolder run{folder.path()};
  ModelFile file;
};

TEST_F(Hub, SaysWhatAModelIs) {
  const auto files = hub_folder("mine", run.model(), file);
  EXPECT_EQ(files.model.tensors.size(), read_safetensors(run.model()).tensors.size());
  const auto config = parse_json(files.config), preprocessor = parse_json(files.preprocessor);
  EXPECT_EQ(config.at("id2label"), (Json{{"0", "neutral"}, {"1", "happiness"}}));
  EXPECT_EQ(config.at("label2id").at("happiness"), 1);
  EXPECT_EQ(config.at("image_size"), 32);
  EXPECT_EQ(config.at("leaf_options").at("model").at("backbone"), "resnet10_half");
  for (const auto& text : {files.model.metadata.at("options"), files.config})
    EXPECT_THAT(text, testing::AllOf(HasSubstr("expression.safetensors"), Not(HasSubstr("somebody"))));
  EXPECT_EQ(config.at("leaf_input").at("alignment"), "none: each picture is a face as it is");
  EXPECT_EQ(preprocessor.at("image_mean"), (Json{0.485, 0.456, 0.406}));
  EXPECT_EQ(preprocessor.at("crop_size"), (Json{{"height", 32}, {"width", 32}}));
}

TEST_F(Hub, SaysThatAFileAloneHasNoFigures) {
  finish_run();
  const auto card = hub_folder("mine", run.model(), file).card;
  EXPECT_THAT(card, HasSubstr("# mine"));
  EXPECT_THAT(card, HasSubstr("Not known: this folder was made of a model alone"));
  EXPECT_THAT(card, HasSubstr("None: it was not tested."));
  EXPECT_THAT(card, Not(HasSubstr("model-index")));
}

TEST_F(Hub, TellsDataLabelsFiguresAndLimitsOfARun) {
  finish_run();
  const auto card = hub_folder("mine", run.root, file).card;
  EXPECT_THAT(card, testing::StartsWith("---\nlicense: other\n"));
  EXPECT_THAT(card, HasSubstr("    - type: accuracy\n      value: 0.9000\n"));
  EXPECT_THAT(card, HasSubstr("Learned from 80 labels of ferplus and 12,000 faces without labels, by the algorithm fixmatch, "
                              "3,200 steps. 20 further labels chose the best epoch, outside of the budget. ferplus: Barsoum"));
  EXPECT_THAT(card, HasSubstr("It began with the weights expression.safetensors (0123)."));
  EXPECT_THAT(card, HasSubstr("on 10 faces of rafdb"));
  EXPECT_THAT(card, HasSubstr("| accuracy | 90.0 % |"));
  EXPECT_THAT(card, HasSubstr("| accuracy of always saying the most frequent class | 80.0 % |"));
  EXPECT_THAT(card, HasSubstr("| happiness | 2 | 100.0 % | 50.0 % |"));
  EXPECT_THAT(card, HasSubstr("60.0 % to 98.0 %"));
  EXPECT_THAT(card, HasSubstr("## Limits"));
}

TEST_F(Hub, QuotesWhatANameCouldEnd) {
  finish_run();
  EXPECT_THAT(hub_folder("a\"\n- b", run.root, file).card, HasSubstr(R"(- name: "a\"\n- b")"));
}

TEST_F(Hub, RefusesAReportThatIsDamaged) {
  finish_run();
  write_file(run.report(), "{\"test\": {}}");
  EXPECT_THAT(error_of([&] { hub_folder("mine", run.root, file); }), HasSubstr("is damaged: its test/report.json"));
  write_file(run.report(), "no JSON");
  EXPECT_THAT(error_of([&] { hub_folder("mine", run.root, file); }), HasSubstr("report.json is damaged"));
}

TEST_F(Hub, IsAModelAgain) {
  write_hub_folder(folder / "hub", hub_folder("mine", run.root, file));
  EXPECT_EQ(load_model(folder / "hub").classes, file.classes);
  EXPECT_TRUE(std::filesystem::exists(folder / "hub" / "README.md"));
}

}  // namespace
}  // namespace leaf
