#include "leaf/compare/grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/compare/ablation.h"
#include "leaf/compare/table.h"
#include "leaf/config/recipe.h"
#include "leaf/runs/experiment.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Grid tiny_grid() {
  Grid grid;
  grid.base.method = "paper";
  grid.base.views.size = 16;
  grid.base.views.padding = 2;
  grid.base.views.workers = 1;
  grid.base.model.backbone = "resnet10_half";
  grid.base.model.stem = "imagenet";
  grid.base.train.steps = 4;
  grid.base.train.epochs = 2;
  grid.base.train.labeled_batch = 4;
  grid.base.train.unlabeled_batch = 4;
  grid.base.train.threads = 1;
  grid.sources = {"synthetic:200,size=16"};
  grid.labels = {14};
  grid.variants = parse_variants("supervised,leaf");
  grid.seeds = {0, 1};
  return grid;
}

/// Notes what runs; stops at a step as a kill would.
class Watcher : public GridObserver, private Observer {
 public:
  explicit Watcher(int64_t stop_at = 0) : stop_at_(stop_at) {}

  Observer& on_begin(const Cell& cell, const GridProgress&) override {
    begun.push_back(fmt::format("{} {}", cell.variant.name(), cell.seed));
    return *this;
  }
  void on_end(const Cell&, const GridProgress& progress, const std::string& failure) override {
    last = progress;
    if (!failure.empty()) failures.push_back(failure);
  }

  std::vector<std::string> begun, failures;
  GridProgress last;
  int64_t first_step = 0;
  int64_t decoded = 0;  ///< times that faces were decoded

 private:
  void on_progress(const std::string& what, int64_t done, int64_t total) override {
    decoded += what == "decoding faces" && done == total;
  }
  void on_start(const RunStart& start) override { first_step = start.first_step; }
  void on_step(const StepReport& report) override {
    if (report.step == stop_at_) throw std::runtime_error("stopped");
  }

  int64_t stop_at_;
};

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

struct GridRun : testing::Test {
  TemporaryFolder folder;

  /// The grid's tables without what depends on the clock and on its place.
  Table run(const Grid& grid, Watcher& watcher, const std::string& name = "grid") const {
    const auto cells = expand(grid, folder / name);
    prepare(cells, /*force=*/false);
    run_grid(cells, folder / name, {}, watcher);
    return write_tables(folder / name, cells);
  }
};

TEST(Variant, IsAnAlgorithmWithLevels) {
  const auto name = [](const char* text) { return parse_variant(text).name(); };
  EXPECT_EQ(name("supervised"), "supervised");
  EXPECT_EQ(name("supervised+none"), "supervised");
  EXPECT_EQ(name("supervised+category+semantic"), "supervised+semantic+category");
  EXPECT_EQ(name("supervised+semantic+instance+category"), "supervised+levels");
  EXPECT_EQ(name("supervised+levels"), "supervised+levels");
  EXPECT_EQ(name("leaf"), "leaf");
  EXPECT_EQ(name("leaf+levels"), "leaf");
  EXPECT_EQ(name("leaf+none"), "leaf+none");
  EXPECT_EQ(name("leaf+instance"), "leaf+instance");
}

TEST(Variant, SaysEachLevelAndKeepsTheOptionsThatItsAlgorithmHas) {
  Config base;
  base.set("algorithm.temperature", Json(0.5));  // leaf's alone
  const auto supervised = *parse_variant("supervised+instance").apply(base);
  EXPECT_FALSE(supervised.model.semantic.enabled);
  EXPECT_TRUE(supervised.model.instance.enabled);
  EXPECT_FALSE(supervised.category.enabled);
  EXPECT_FALSE(supervised.algorithm_options.contains("temperature"));
  const auto leaf = *parse_variant("leaf").apply(base);
  EXPECT_TRUE(leaf.model.semantic.enabled && leaf.model.instance.enabled && leaf.category.enabled);
  EXPECT_EQ(leaf.algorithm_options.at("temperature"), 0.5);
}

TEST(Variant, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(message_of([] { parse_variant("laef"); }), HasSubstr("did you mean \"leaf\""));
  EXPECT_THAT(message_of([] { parse_variant("leaf+semantik"); }), HasSubstr("did you mean \"semantic\""));
  EXPECT_THAT(message_of([] { parse_variant("leaf+none+semantic"); }), HasSubstr("stands alone"));
  EXPECT_THAT(message_of([] { parse_variants("leaf,supervised,leaf+levels"); }), HasSubstr("names leaf twice"));
  Config base;
  base.model.semantic.experts = 1;
  EXPECT_THAT(message_of([&] { parse_variant("leaf").apply(base); }), HasSubstr("leaf: top_k must be"));
  base.model.backbone = "resnet19";
  EXPECT_THROW(parse_variant("supervised").apply(base), UsageError);
}

TEST(Expand, GivesACellForEachCombination) {
  auto grid = tiny_grid();
  grid.sources = {"synthetic:200,size=16", "synthetic:300"};
  grid.labels = {14, 0};
  const auto cells = expand(grid, "root");
  ASSERT_EQ(cells.size(), 16u);
  std::set<std::filesystem::path> folders;
  for (const auto& cell : cells) {
    folders.insert(cell.folder.root);
    EXPECT_EQ(cell.config->data.source, cell.data);
    EXPECT_EQ(cell.config->data.labels, cell.labels);
    EXPECT_EQ(cell.config->train.seed, cell.seed);
    EXPECT_EQ(cell.config->data.split_seed, cell.seed);
  }
  EXPECT_EQ(folders.size(), 16u);
  EXPECT_EQ(cells[0].folder.root, "root/runs/synthetic-200-size=16/14/supervised/seed0");
  EXPECT_EQ(cells[3].folder.root, "root/runs/synthetic-200-size=16/all/leaf/seed0");  // every variant before the second seed
}

TEST(FileWord, StaysInItsFolder) {
  EXPECT_EQ(file_word("ferplus:../data/FER plus"), "ferplus-..-data-FER-plus");
  EXPECT_EQ(file_word(".."), "source");
  EXPECT_EQ(file_word("../.x"), "x");
  EXPECT_EQ(file_word(std::string(300, 'a') + "z"), std::string(99, 'a') + "z");
}

TEST(Expand, KeepsTheSeedOfTheAuthorsSplit) {
  auto grid = tiny_grid();
  grid.base.data.split = "authors";
  for (const auto& cell : expand(grid, "root")) EXPECT_EQ(cell.config->data.split_seed, 5);
}

TEST(Expand, RefusesWhatCannotBeMeant) {
  const auto message = [](const std::function<void(Grid&)>& change) {
    auto grid = tiny_grid();
    change(grid);
    return message_of([&] { expand(grid, "root"); });
  };
  EXPECT_THAT(message([](Grid& grid) { grid.seeds = {1, 1}; }), HasSubstr("seeds"));
  EXPECT_THAT(message([](Grid& grid) { grid.seeds = {-1}; }), HasSubstr("train.seed"));
  EXPECT_THAT(message([](Grid& grid) { grid.labels = {}; }), HasSubstr("labels"));
  EXPECT_THAT(message([](Grid& grid) { grid.sources = {"ferpuls:x"}; }), HasSubstr("did you mean \"ferplus\""));
  EXPECT_THAT(message([](Grid& grid) { grid.sources = {"folder:a/b", "folder:a-b"}; }), HasSubstr("share the folder"));
  EXPECT_THAT(message([](Grid& grid) { grid.base.set("algorithm.temprature", Json(1)); }), HasSubstr("temprature"));
  EXPECT_THAT(message([](Grid& grid) {
                grid.base.data.split_file = "split.json";
                grid.labels = {1, 2};
              }),
              HasSubstr("split_file"));
}

TEST(Ablation, SharesTheRunsOfValuesThatChangeNothing) {
  auto grid = tiny_grid();
  grid.variants.clear();
  for (const auto& study : studies()) {
    if (study.name != "recipe") grid.variants.insert(grid.variants.end(), study.variants.begin(), study.variants.end());
  }
  grid.seeds = {0};
  std::map<std::string, int> plain;  // cells of each study that are the plain leaf
  std::set<std::filesystem::path> folders;
  for (const auto& cell : expand(grid, "root")) {
    folders.insert(cell.folder.root);
    plain[cell.variant.study] += cell.folder.root.parent_path().filename() == "leaf";
  }
  EXPECT_EQ(plain.size(), studies().size() - 1);
  for (const auto& [study, count] : plain) EXPECT_EQ(count, 1) << study;
  EXPECT_EQ(folders.size(), grid.variants.size() - plain.size() + 1);
}

TEST(Ablation, ChangesARunWithEachChoiceOfTheRecipe) {
  auto grid = tiny_grid();
  grid.base = {};
  grid.base.train.recipe = "scratch";
  grid.variants = ablation("recipe");
  grid.seeds = {0};
  std::set<std::string> configs;
  for (const auto& cell : expand(grid, "root")) configs.insert(cell.config->to_toml());
  EXPECT_EQ(configs.size(), recipe_choices("scratch").size() + 1);  // on every processor
}

TEST(Ablation, ChangesWhatItsNameSays) {
  Config base;
  base.method = "paper";
  base.set("algorithm.mask", Json("batch"));
  std::map<std::string, Config> configs;
  for (const auto& variant : ablation("experts,mass,method")) configs[variant.change] = *variant.apply(base);
  EXPECT_EQ(configs.at("experts=1").model.instance.experts, 1);
  EXPECT_EQ(configs.at("experts=16").model.semantic.experts, 16);
  EXPECT_EQ(configs.at("mass=0.7").category.mass, 0.7);
  EXPECT_EQ(configs.at("method=paper").algorithm_options.at("mask"), "face");
  EXPECT_TRUE(configs.at("method=reference").model.semantic.shared);
  EXPECT_EQ(configs.at("method=reference").algorithm_options.at("mask"), "batch");
  EXPECT_EQ(configs.at("method=reference").train.gate_balance, 0.0);
  EXPECT_THAT(message_of([] { ablation("expert,experst"); }), HasSubstr("did you mean \"experts\""));
}

TEST_F(GridRun, RunsEachCellOnceAndLoadsTheFacesOnce) {
  Watcher first;
  const auto table = run(tiny_grid(), first);
  EXPECT_THAT(first.begun, ElementsAre("supervised 0", "leaf 0", "supervised 1", "leaf 1"));
  EXPECT_EQ(first.decoded, 1);
  EXPECT_EQ(first.last.done, 4);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].finished, 2);
  EXPECT_TRUE(table.rows[0].accuracy.deviation.has_value());
  EXPECT_GT(table.rows[1].views.mean, table.rows[0].views.mean);
  EXPECT_GT(table.runs[0].seconds, 0);
  ASSERT_EQ(table.differences.size(), 1u);
  EXPECT_EQ(table.differences[0].reference, "leaf");
  EXPECT_EQ(table.largest_class.size(), 1u);
  for (const auto file : {"results.md", "results.csv", "runs.csv", "differences.csv", "results.json"})
    EXPECT_TRUE(std::filesystem::exists(folder / "grid" / file)) << file;
  EXPECT_FALSE(std::filesystem::exists(folder / "grid/accuracy.png"));  // one number of labels

  Watcher second;
  auto more = tiny_grid();
  more.seeds = {0, 1, 2};
  run(more, second);
  EXPECT_THAT(second.begun, ElementsAre("supervised 2", "leaf 2"));
  Watcher third;
  run(more, third);
  EXPECT_TRUE(third.begun.empty());
  EXPECT_EQ(third.decoded, 0);
}

TEST_F(GridRun, ContinuesWhereItWasStopped) {
  auto grid = tiny_grid();
  grid.seeds = {0};
  Watcher whole, stopped(3), continued;
  const auto wanted = run(grid, whole, "whole");
  EXPECT_THROW(run(grid, stopped), std::runtime_error);
  EXPECT_EQ(read_result(expand(grid, folder / "grid")[0]).state, "interrupted");
  const auto found = run(grid, continued);
  EXPECT_THAT(continued.begun, ElementsAre("supervised 0", "leaf 0"));
  for (size_t i = 0; i < wanted.runs.size(); ++i) {
    EXPECT_EQ(found.runs[i].accuracy, wanted.runs[i].accuracy);
    EXPECT_EQ(found.runs[i].macro_f1, wanted.runs[i].macro_f1);
    EXPECT_EQ(found.runs[i].views, wanted.runs[i].views);
    EXPECT_EQ(found.runs[i].folder, wanted.runs[i].folder);
  }
}

TEST_F(GridRun, StartsAgainWithoutACheckpoint) {
  auto grid = tiny_grid();
  grid.seeds = {0};
  grid.variants = parse_variants("supervised");
  Watcher stopped(1), continued;
  EXPECT_THROW(run(grid, stopped), std::runtime_error);
  EXPECT_EQ(run(grid, continued).rows[0].finished, 1);
  const auto cell = expand(grid, folder / "other")[0];
  make_folder(cell.folder.root / "checkpoints");  // killed before anything was written
  EXPECT_EQ(run(grid, continued, "other").rows[0].finished, 1);
}

TEST_F(GridRun, RefusesARunWithAnotherConfigurationUnlessForced) {
  auto grid = tiny_grid();
  grid.seeds = {0};
  grid.variants = parse_variants("supervised");
  Watcher watcher;
  run(grid, watcher);
  grid.base.train.steps = 6;
  EXPECT_THAT(message_of([&] { run(grid, watcher); }),
              HasSubstr("train.steps = 4, not 6; choose another folder with --output, or replace such runs with --force"));
  const auto cells = expand(grid, folder / "grid");
  prepare(cells, /*force=*/true);
  EXPECT_EQ(read_result(cells[0]).state, "waiting");
  EXPECT_EQ(run(grid, watcher).runs[0].steps, 6);
}

TEST_F(GridRun, RecordsACellThatFailsAndGoesOn) {
  auto grid = tiny_grid();
  grid.labels = {14000, 14};  // more than there are
  grid.base.data.split = "authors";
  grid.seeds = {0};
  grid.variants = parse_variants("supervised");
  Watcher watcher;
  const auto table = run(grid, watcher);
  EXPECT_THAT(watcher.failures, ElementsAre(HasSubstr("wanted")));
  EXPECT_EQ(table.rows[0].failed, 1);
  EXPECT_EQ(table.rows[1].finished, 1);
  EXPECT_THAT(read_file(folder / "grid/results.md"), HasSubstr("wanted"));
  EXPECT_THAT(read_file(folder / "grid/runs.csv"), HasSubstr("wanted"));
  Watcher again;
  run(grid, again);  // what failed is tried again, what is finished is not
  EXPECT_THAT(again.begun, ElementsAre("supervised 0"));
  EXPECT_EQ(again.failures.size(), 1u);
}

TEST_F(GridRun, SaysWhichReportIsDamaged) {
  auto grid = tiny_grid();
  grid.seeds = {0};
  grid.variants = parse_variants("supervised");
  Watcher watcher;
  run(grid, watcher);
  const auto cell = expand(grid, folder / "grid")[0];
  write_file(cell.folder.report(), R"({"test": {"accuracy": "high"}})");
  const auto damaged = read_result(cell);
  EXPECT_EQ(damaged.state, "failed");
  EXPECT_THAT(damaged.message, HasSubstr("report.json is damaged"));
  std::filesystem::remove(cell.folder.report());
  EXPECT_EQ(run(grid, watcher).rows[0].finished, 1);  // tested again
}

}  // namespace
}  // namespace leaf
