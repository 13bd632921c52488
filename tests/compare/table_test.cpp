#include "leaf/compare/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "leaf/data/csv.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunResult finished(const std::string& variant, double labels, int64_t seed, double accuracy) {
  RunResult run{.study = "",
                .data = "faces,a \"b\"|c",
                .variant = variant,
                .labels = labels,
                .seed = seed,
                .state = "finished",
                .message = {},
                .folder = {}};
  run.folder = fmt::format("{}-{}-{}", variant, labels, seed);
  run.accuracy = accuracy;
  run.balanced_accuracy = accuracy / 2;
  run.macro_f1 = accuracy / 4;
  run.best_step = 3;
  run.steps = 10;
  run.views = 640;
  run.seconds = 100 * accuracy;
  return run;
}

RunResult failed(const std::string& variant, double labels, int64_t seed) {
  auto run = finished(variant, labels, seed, 0.99);
  run.state = "failed";
  run.message = "the loss \"x\" became nan, try less\nnext | line";
  return run;
}

/// Two variants with two and one finished seeds of two.
Table small_table() {
  return make_table({finished("leaf", 80, 0, 0.5), finished("leaf", 80, 1, 0.7), finished("fixmatch+levels", 80, 0, 0.4),
                     failed("fixmatch+levels", 80, 1), finished("leaf", 800, 0, 0.8), finished("leaf", 800, 1, 0.8)});
}

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  CsvReader reader(csv, "table");
  for (std::vector<std::string> fields; reader.next(fields);) rows.push_back(fields);
  return rows;
}

TEST(Spread, IsTheMeanAndTheSampleDeviation) {
  const auto spread = spread_of({2, 4, 9});  // mean 5, squares 9 + 1 + 16 = 26, divided by 2
  EXPECT_DOUBLE_EQ(spread.mean, 5);
  EXPECT_DOUBLE_EQ(spread.deviation.value(), std::sqrt(13.0));
}

TEST(Spread, HasNoDeviationForOneFigureAndNothingForNone) {
  EXPECT_DOUBLE_EQ(spread_of({7}).mean, 7);
  EXPECT_FALSE(spread_of({7}).deviation.has_value());
  EXPECT_FALSE(spread_of({}).deviation.has_value());
}

TEST(Table, JoinsTheSeedsOfAVariantInTheOrderOfTheGrid) {
  const auto table = small_table();
  ASSERT_EQ(table.rows.size(), 3u);
  const auto& leaf = table.rows[0];
  EXPECT_EQ(leaf.variant, "leaf");
  EXPECT_EQ(leaf.finished, 2);
  EXPECT_DOUBLE_EQ(leaf.accuracy.mean, 0.6);
  EXPECT_NEAR(leaf.accuracy.deviation.value(), 0.1 * std::sqrt(2), 1e-12);
  EXPECT_DOUBLE_EQ(leaf.balanced_accuracy.mean, 0.3);
  EXPECT_DOUBLE_EQ(leaf.macro_f1.mean, 0.15);
  EXPECT_DOUBLE_EQ(leaf.seconds.mean, 60);
  EXPECT_DOUBLE_EQ(leaf.views.mean, 640);
  const auto& other = table.rows[1];  // the failed run's figures count nowhere
  EXPECT_EQ(other.variant, "fixmatch+levels");
  EXPECT_EQ(other.runs, 2);
  EXPECT_EQ(other.failed, 1);
  EXPECT_DOUBLE_EQ(other.accuracy.mean, 0.4);
  EXPECT_FALSE(other.accuracy.deviation.has_value());
  EXPECT_EQ(table.rows[2].labels, 800);
}

TEST(Table, IsReadBackFromCsv) {
  const auto rows = rows_of(rows_csv(small_table()));
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_THAT(rows[1], ElementsAre("", "faces,a \"b\"|c", "80", "leaf", "2", "2", "0", "0.600000", "0.141421", "0.300000",
                                   "0.070711", "0.150000", "0.035355", "640", "0", "0", "0", "60.000", "14.142"));
  EXPECT_EQ(rows[2][8], "");  // one run has no deviation
  const auto runs = rows_of(runs_csv(small_table()));
  ASSERT_EQ(runs.size(), 7u);
  for (const auto& run : runs) EXPECT_EQ(run.size(), runs[0].size());
  EXPECT_EQ(runs[1][6], "0.500000");
  EXPECT_EQ(runs[4][5], "failed");
  EXPECT_EQ(runs[4][6], "");
  EXPECT_EQ(runs[4].back(), "the loss \"x\" became nan, try less?next | line");
}

TEST(Table, IsReadBackFromJson) {
  const auto json = Json::parse(to_json(small_table()).dump());
  EXPECT_EQ(json.at("version"), 1);
  ASSERT_EQ(json.at("rows").size(), 3u);
  EXPECT_DOUBLE_EQ(json.at("rows")[0].at("accuracy").at("mean").get<double>(), 0.6);
  EXPECT_NEAR(json.at("rows")[0].at("accuracy").at("deviation").get<double>(), 0.1 * std::sqrt(2), 1e-12);
  EXPECT_TRUE(json.at("rows")[1].at("accuracy").at("deviation").is_null());
  EXPECT_EQ(json.at("rows")[1].at("data"), "faces,a \"b\"|c");
  EXPECT_EQ(json.at("runs")[3].at("message"), "the loss \"x\" became nan, try less\nnext | line");
  EXPECT_FALSE(json.at("runs")[3].contains("accuracy"));
  EXPECT_EQ(json.at("runs")[4].at("views"), 640);
}

TEST(Table, KeepsItsColumnsInMarkdown) {
  const auto text = to_markdown(small_table(), {"accuracy.png"});
  EXPECT_THAT(text, HasSubstr("| faces,a \"b\"\\|c | 80 | leaf | 60.0 ± 14.1 | 30.0 ± 7.1 | "
                              "15.0 ± 3.5 | 60.0 ± 14.1 | 640 | 2 |\n"));
  EXPECT_THAT(text, HasSubstr("| fixmatch+levels | 40.0 | 20.0 | 10.0 | 40.0 | 640 | 1 of 2, 1 failed |\n"));
  EXPECT_THAT(text, HasSubstr("![accuracy against labels](accuracy.png)"));
  EXPECT_THAT(text, HasSubstr("fixmatch+levels, seed 1: the loss \"x\" became nan, try less?next \\| line\n"));
  EXPECT_THAT(to_markdown(small_table(), {}), HasSubstr("No picture"));
}

TEST(Table, StandsInLineAsText) {
  const auto text = to_text(small_table());
  const auto first = text.substr(0, text.find('\n')), rest = text.substr(text.find('\n') + 1),
             second = rest.substr(0, rest.find('\n'));
  const auto columns = [](const std::string& line) {
    return std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
  };
  EXPECT_EQ(columns(first), columns(second));
  EXPECT_THAT(text, HasSubstr("failed:\n"));
}

TEST(Table, GroupsItsRowsByStudy) {
  auto first = finished("leaf", 80, 0, 0.5), second = finished("leaf experts=1", 80, 0, 0.4),
       third = finished("leaf gate=dense", 80, 0, 0.6);
  first.study = second.study = "experts";
  third.study = "gate";
  const auto text = to_markdown(make_table({first, third, second}), {});
  EXPECT_LT(text.find("## experts"), text.find("leaf experts=1"));
  EXPECT_LT(text.find("leaf experts=1"), text.find("## gate"));
  EXPECT_LT(text.find("## gate"), text.find("leaf gate=dense"));
}

TEST(AccuracyCharts, HaveALineForEachVariantWithItsSpread) {
  const auto charts = accuracy_charts(small_table());
  ASSERT_EQ(charts.size(), 1u);
  EXPECT_EQ(charts[0].file, "accuracy.png");
  EXPECT_TRUE(charts[0].chart.logarithmic_x);
  ASSERT_EQ(charts[0].chart.series.size(), 2u);
  const auto& leaf = charts[0].chart.series[0];
  EXPECT_EQ(leaf.name, "leaf");
  EXPECT_THAT(leaf.x, ElementsAre(80, 800));
  EXPECT_DOUBLE_EQ(leaf.y[0], 60);
  EXPECT_NEAR(leaf.spread[0], 10 * std::sqrt(2), 1e-9);
  EXPECT_DOUBLE_EQ(leaf.spread[1], 0);
  EXPECT_THAT(charts[0].chart.series[1].x, ElementsAre(80));
}

TEST(AccuracyCharts, AreLeftOutForOneNumberOfLabels) {
  EXPECT_TRUE(
      accuracy_charts(make_table({finished("leaf", 80, 0, 0.5), finished("leaf", 0, 0, 0.9), failed("leaf", 800, 0)})).empty());
  auto first = finished("leaf", 80, 0, 0.5), second = finished("leaf", 160, 0, 0.6), third = finished("leaf", 80, 0, 0.5);
  third.data = "rafdb:x";
  const auto charts = accuracy_charts(make_table({first, second, third}));
  ASSERT_EQ(charts.size(), 1u);
  EXPECT_EQ(charts[0].file, "accuracy-faces-a-b-c.png");
  EXPECT_FALSE(charts[0].chart.logarithmic_x);
}

}  // namespace
}  // namespace leaf
