#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "leaf/compare/cell.h"
#include "leaf/pictures/charts/chart.h"

namespace leaf {

/// Mean and sample standard deviation (divided by n − 1) of n figures.
struct Spread {
  double mean = 0;                  ///< 0 for n = 0
  std::optional<double> deviation;  ///< only for n ≥ 2
};
Spread spread_of(const std::vector<double>& figures);

/// What is known of one run.
struct RunResult {
  std::string study, data, variant;  ///< as in the grid
  double labels = 0;
  int64_t seed = 0;
  std::string state;                                         ///< finished, failed, interrupted (it has a checkpoint) or waiting
  std::string message;                                       ///< why it failed, one line
  std::filesystem::path folder;                              ///< in a table's files: from the folder of the grid
  double accuracy = 0, balanced_accuracy = 0, macro_f1 = 0;  ///< of the test faces, in [0, 1]; like all below only when finished
  int64_t best_step = 0, steps = 0, views = 0, pretraining_views = 0;
  double seconds = 0;  ///< of all training steps, over interruptions; without validation and test
};

/// Reads what a cell's folder says. Throws Error for a damaged report.
RunResult read_result(const Cell& cell);

/// Runs that differ by their seed only.
struct Row {
  std::string study, data, variant;
  double labels = 0;
  int64_t finished = 0, failed = 0, runs = 0;
  Spread accuracy = {}, balanced_accuracy = {}, macro_f1 = {}, seconds = {}, views = {},
         pretraining_views = {};  ///< over the finished ones
};

struct Table {
  std::vector<RunResult> runs;
  std::vector<Row> rows;  ///< by study, data set, labels and variant, each in the order in which it first comes
};
Table make_table(std::vector<RunResult> runs);

/// A part of a table as text that may be printed: columns in line, one group of rows a study.
std::string to_text(const Table& table);
/// The same for Markdown, with what failed and what is missing below; `pictures` are file names to show.
std::string to_markdown(const Table& table, const std::vector<std::string>& pictures);
/// One line a row; shares in [0, 1], seconds; a deviation of one run is empty. The layout is in docs/formats.md.
std::string rows_csv(const Table& table);
/// One line a run.
std::string runs_csv(const Table& table);
/// {"version": 1, "rows": […], "runs": […]}; a deviation of one run is null.
Json to_json(const Table& table);

/// Accuracy against labels with one line a variant and its spread shaded.
struct AccuracyChart {
  std::string file;  ///< accuracy.png, or with the data set and study in its name where there are several
  LineChart chart;
};
/// One for each data set and study that has results for at least two numbers of labels (all labels, 0, is no number).
std::vector<AccuracyChart> accuracy_charts(const Table& table);

/// Writes results.md, results.csv, runs.csv, results.json and the charts of the cells into a folder, each whole or not at all.
Table write_tables(const std::filesystem::path& root, const std::vector<Cell>& cells);

}  // namespace leaf
