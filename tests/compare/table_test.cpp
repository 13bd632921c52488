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
                .run_name = variant,
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
  run.support = {6, 3, 0, 1};
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

TEST(StudentQuantile, AgreesWithTheTables) {
  const std::pair<int64_t, double> known[] = {{1, 12.7062047},  {2, 4.3026527},  {3, 3.1824463},  {4, 2.7764451},
                                              {5, 2.5705818},   {9, 2.2621572},  {10, 2.2281389}, {30, 2.0422725},
                                              {100, 1.9839715}, {999, 1.9623415}};
  for (const auto& [degrees, wanted] : known) EXPECT_NEAR(student_quantile(degrees, 0.95), wanted, 1e-6) << degrees;
  EXPECT_NEAR(student_quantile(1, 0.99), 63.6567412, 1e-5);
  EXPECT_NEAR(student_quantile(4, 0.99), 4.6040949, 1e-6);
}

TEST(Interval, IsStudents) {
  const auto interval = interval_of({2, 4, 9});  // deviation √13, t = 4.3026527, √3
  EXPECT_DOUBLE_EQ(interval.mean, 5);
  EXPECT_NEAR(interval.high.value() - 5, 4.3026527 * std::sqrt(13.0 / 3), 1e-6);
  EXPECT_NEAR(5 - interval.low.value(), 4.3026527 * std::sqrt(13.0 / 3), 1e-6);
  EXPECT_DOUBLE_EQ(interval_of({7}).mean, 7);
  EXPECT_FALSE(interval_of({7}).low || interval_of({7}).high || interval_of({}).low);
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
  EXPECT_THAT(rows[1], ElementsAre("", "faces,a \"b\"|c", "80", "leaf", "2", "2", "0", "0", "0.600000", "0.141421", "0.300000",
                                   "0.070711", "0.150000", "0.035355", "640", "0", "0", "0", "60.000", "14.142", "", ""));
  EXPECT_EQ(rows[2][9], "");  // one run has no deviation
  const auto runs = rows_of(runs_csv(small_table()));
  ASSERT_EQ(runs.size(), 7u);
  for (const auto& run : runs) EXPECT_EQ(run.size(), runs[0].size());
  EXPECT_EQ(runs[1][6], "0.500000");
  EXPECT_EQ(runs[4][5], "failed");
  EXPECT_EQ(runs[4][6], "");
  EXPECT_EQ(runs[4].back(), R"(the loss "x" became nan, try less\x0anext | line)");
}

TEST(Table, TellsLabelsOutsideOfTheBudget) {
  auto with = finished("leaf", 80, 0, 0.5), more = finished("leaf", 80, 1, 0.5);
  with.labels_outside = 1500;
  more.labels_outside = 1597;
  const auto table = make_table({with, more, finished("fixmatch", 80, 0, 0.5)});
  const auto rows = rows_of(rows_csv(table)), runs = rows_of(runs_csv(table));
  EXPECT_EQ(rows[0][7], "labels_outside");
  EXPECT_EQ(rows[1][7], "1597");
  EXPECT_EQ(rows[2][7], "0");
  EXPECT_EQ(runs[0][13], "labels_outside");
  EXPECT_EQ(runs[1][13], "1500");
  EXPECT_EQ(to_json(table).at("rows")[0].at("labels_outside"), 1597);
  EXPECT_EQ(to_json(table).at("runs")[0].at("labels_outside"), 1500);
  const std::string line = "80 labels, leaf: 1,597 more chose the best epoch\n";
  EXPECT_THAT(to_text(table), HasSubstr("labels outside of the budget:\nfaces,a \"b\"|c, " + line));
  EXPECT_THAT(to_markdown(table, {}), HasSubstr("Labels outside of the budget:\n\n- faces,a \"b\"\\|c, " + line));
  EXPECT_THAT(to_markdown(small_table(), {}), testing::Not(HasSubstr("outside of the budget")));
}

TEST(Table, ComparesTheSeedsThatBothFinished) {
  const auto table = make_table({finished("fixmatch", 80, 0, 0.5), finished("leaf", 80, 0, 0.6), finished("leaf", 80, 1, 0.7),
                                 finished("fixmatch", 80, 1, 0.62), finished("leaf", 80, 2, 0.9), failed("fixmatch", 80, 2),
                                 finished("ada_cm", 80, 0, 0.6), finished("ada_cm", 80, 1, 0.2),
                                 finished("supervised", 80, 2, 0.1), failed("uda", 80, 0)});
  ASSERT_EQ(table.differences.size(), 3u);  // failed alone: no seed in common
  const auto& first = table.differences[0];
  EXPECT_EQ(first.reference + " " + first.variant, "leaf fixmatch");
  EXPECT_EQ(first.seeds, 2);
  EXPECT_NEAR(first.accuracy.mean, 0.09, 1e-12);
  EXPECT_NEAR(first.accuracy.low.value(), 0.09 - 12.7062047 * 0.01, 1e-8);  // differences 0.10 and 0.08
  EXPECT_NEAR(first.balanced_accuracy.mean, 0.045, 1e-12);
  EXPECT_EQ(first.verdict(), "open");
  EXPECT_EQ(table.differences[2].seeds, 1);
  EXPECT_FALSE(table.differences[2].accuracy.low.has_value());
  EXPECT_THAT(
      to_markdown(table, {}),
      HasSubstr("| faces,a \"b\"\\|c | 80 | leaf − fixmatch | +9.0 \\[-3.7, +21.7\\] | +4.5 \\[-1.9, +10.9\\] | 2 | open |\n"));
  EXPECT_THAT(to_text(table), HasSubstr("80 labels, leaf − supervised: +80.0, seeds 1, open\n"));
  const auto rows = rows_of(differences_csv(table));
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_THAT(rows[3], ElementsAre("", "faces,a \"b\"|c", "80", "leaf", "supervised", "1", "0.800000", "", "", "0.400000", "", "",
                                   "open"));
  const auto json = to_json(table).at("differences");
  EXPECT_EQ(json[0].at("seeds"), 2);
  EXPECT_NEAR(json[0].at("accuracy").at("high").get<double>(), 0.09 + 12.7062047 * 0.01, 1e-8);
  EXPECT_TRUE(json[2].at("accuracy").at("low").is_null());
  EXPECT_THAT(to_markdown(make_table({finished("leaf", 80, 0, 0.5)}), {}), testing::Not(HasSubstr("## Differences")));
}

TEST(Table, SaysWhetherTheReferenceIsBetter) {
  const auto verdict = [](double leaf_0, double leaf_1) {
    return make_table({finished("leaf", 80, 0, leaf_0), finished("leaf", 80, 1, leaf_1), finished("uda", 80, 0, 0.5),
                       finished("uda", 80, 1, 0.5)})
        .differences.at(0)
        .verdict();
  };
  EXPECT_EQ(verdict(0.6, 0.6), "better");
  EXPECT_EQ(verdict(0.4, 0.41), "worse");
  EXPECT_EQ(verdict(0.6, 0.4), "open");
  EXPECT_EQ(verdict(0.5, 0.5), "open");
}

TEST(Table, ComparesWithTheUnchangedVariantOfAStudyElseWithTheFirst) {
  auto one = finished("leaf experts=1", 80, 0, 0.5), four = finished("leaf experts=4", 80, 0, 0.6);
  four.run_name = "leaf";
  const auto study = make_table({one, four}).differences;
  ASSERT_EQ(study.size(), 1u);
  EXPECT_EQ(study[0].reference, "leaf experts=4");
  const auto others = make_table({finished("uda", 80, 0, 0.5), finished("fixmatch", 80, 0, 0.5)}).differences;
  EXPECT_EQ(others.at(0).reference, "uda");
  auto elsewhere = finished("leaf", 80, 0, 0.5);
  elsewhere.test_faces = 1;
  EXPECT_TRUE(make_table({elsewhere, one}).differences.empty());  // tested on other faces
  four.variant = "leaf";
  auto same = four;
  same.variant = "leaf experts=4";
  EXPECT_TRUE(make_table({four, same}).differences.empty());  // one run under two names
}

TEST(Table, BeginsWithTheLargestClass) {
  const auto table = small_table();
  ASSERT_EQ(table.largest_class.size(), 1u);
  EXPECT_DOUBLE_EQ(table.largest_class[0].accuracy, 0.6);
  EXPECT_DOUBLE_EQ(table.largest_class[0].balanced_accuracy, 1.0 / 3);  // one of the four classes has no face
  EXPECT_DOUBLE_EQ(table.largest_class[0].macro_f1, 0.25);              // F1 2 · 0.6 / 1.6 = 0.75 and twice 0
  const std::string line = "| – | largest class | 60.0 | 33.3 | 25.0 | – | – | – |\n";
  const auto text = to_markdown(table, {});
  EXPECT_LT(text.find(line), text.find("| 80 | leaf |"));
  EXPECT_EQ(to_json(table).at("largest_class")[0].at("accuracy"), 0.6);
  auto other = finished("leaf", 80, 1, 0.5);
  other.support = {8, 2, 0, 0};
  other.test_faces = 1;
  const auto two = make_table({finished("leaf", 80, 0, 0.5), other, finished("uda", 80, 0, 0.5)});
  EXPECT_DOUBLE_EQ(two.largest_class[0].accuracy, 0.7);
  EXPECT_DOUBLE_EQ(two.largest_class[0].balanced_accuracy, (1.0 / 3 + 0.5) / 2);
  EXPECT_THAT(to_markdown(two, {}), HasSubstr("largest class: the mean over 2 different test parts\n"));
  EXPECT_TRUE(make_table({failed("leaf", 80, 0)}).largest_class.empty());
}

TEST(Table, TellsWhatAStartKnew) {
  auto knew = finished("leaf", 80, 0, 0.5), more = finished("leaf", 80, 1, 0.5);
  knew.start_accuracy = 0.4;
  knew.start_balanced_accuracy = 0.3;
  more.start_accuracy = 0.5;
  more.start_balanced_accuracy = 0.3;
  const auto table = make_table({knew, more, finished("uda", 80, 0, 0.5)});
  const auto rows = rows_of(rows_csv(table)), runs = rows_of(runs_csv(table));
  EXPECT_EQ(rows[0][20], "start_accuracy");
  EXPECT_EQ(rows[1][20], "0.450000");
  EXPECT_EQ(rows[1][21], "0.300000");
  EXPECT_EQ(rows[2][20], "");
  EXPECT_EQ(runs[0][14], "start_accuracy");
  EXPECT_EQ(runs[1][14], "0.400000");
  EXPECT_EQ(runs[3][15], "");
  EXPECT_DOUBLE_EQ(to_json(table).at("rows")[0].at("start_accuracy").at("mean").get<double>(), 0.45);
  EXPECT_TRUE(to_json(table).at("runs")[2].at("start_accuracy").is_null());
  EXPECT_THAT(to_markdown(table, {}), HasSubstr("80 labels, leaf: began with 45.0 ± 7.1 %, balanced 30.0 ± 0.0 %\n"));
  EXPECT_THAT(to_markdown(small_table(), {}), testing::Not(HasSubstr("began with")));
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
  EXPECT_THAT(text, HasSubstr("fixmatch+levels, seed 1: the loss \"x\" became nan, try less\\\\x0anext \\| line\n"));
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
