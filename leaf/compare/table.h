#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "leaf/compare/cell.h"
#include "leaf/compare/spread.h"
#include "leaf/pictures/charts/chart.h"

namespace leaf {

/// What is known of one run.
struct RunResult {
  std::string study, data, variant;  ///< as in the grid
  double labels = 0;
  int64_t seed = 0;
  std::string run_name;                                      ///< as in the cell
  std::string state;                                         ///< finished, failed, interrupted (it has a checkpoint) or waiting
  std::string message;                                       ///< why it failed, one line
  std::filesystem::path folder;                              ///< in a table's files: from the folder of the grid
  double accuracy = 0, balanced_accuracy = 0, macro_f1 = 0;  ///< of the test faces, in [0, 1]; like all below only when finished
  int64_t best_step = 0, steps = 0, views = 0, pretraining_views = 0;
  int64_t labels_outside = 0;         ///< outside of the budget, that chose the best epoch
  double seconds = 0;                 ///< of all training steps, over interruptions; without validation and test
  std::vector<int64_t> support = {};  ///< [C] test faces of each class
  uint64_t test_faces = 0;            ///< a number for the names of the test faces: equal for equal ones
  std::optional<double> start_accuracy = {},
                        start_balanced_accuracy = {};  ///< of a start that knows the classes, before training
};

/// Reads what a cell's folder says. Throws Error for a damaged report.
RunResult read_result(const Cell& cell);

/// Runs that differ by their seed only.
struct Row {
  std::string study, data, variant;
  double labels = 0;
  int64_t finished = 0, failed = 0, runs = 0;
  int64_t labels_outside = 0;  ///< the most of any run
  Spread accuracy = {}, balanced_accuracy = {}, macro_f1 = {}, seconds = {}, views = {},
         pretraining_views = {};                             ///< over the finished ones
  int64_t starts = 0;                                        ///< finished runs whose start was tested
  Spread start_accuracy = {}, start_balanced_accuracy = {};  ///< over these
};

/// What calling every test face by the name of their most frequent class gives.
struct LargestClass {
  std::string study, data;
  int64_t test_parts = 0;        ///< different test parts of the runs; the figures are their mean
  double accuracy = 0;           ///< the share p of that class, in [0, 1]
  double balanced_accuracy = 0;  ///< 1/C for C classes with test faces
  double macro_f1 = 0;           ///< 2p / (1 + p) / C
};

/// The reference less another variant, over the seeds that both finished on the same test faces.
struct PairedDifference {
  std::string study, data, reference, variant;
  double labels = 0;
  int64_t seeds = 0;
  Interval accuracy, balanced_accuracy;  ///< in [−1, 1]
  /// "better" or "worse", the reference, where the interval of the accuracy has no 0; else "open".
  std::string verdict() const;
};

struct Table {
  std::vector<RunResult> runs;
  std::vector<Row> rows;                    ///< by study, data set, labels and variant, each in the order in which it first comes
  std::vector<LargestClass> largest_class;  ///< by study and data set; of those with a finished run
  /// By study, data set, labels and variant. The reference is LEAF with all its levels and nothing else changed, else the first
  /// variant; pairs that share their run or have no seed in common are left out.
  std::vector<PairedDifference> differences;
};
Table make_table(std::vector<RunResult> runs);

/// A part of a table as text that may be printed: columns in line, one group of rows a study.
std::string to_text(const Table& table);
/// The same for Markdown, with the starts, labels outside of the budget, what failed and what is missing below; `pictures` are
/// file names to show.
std::string to_markdown(const Table& table, const std::vector<std::string>& pictures);
/// One line a row; shares in [0, 1], seconds; a deviation of one run is empty. The layout is in docs/formats.md.
std::string rows_csv(const Table& table);
/// One line a run.
std::string runs_csv(const Table& table);
/// One line a pair; shares in [−1, 1]; an interval of one seed is empty.
std::string differences_csv(const Table& table);
/// {"version": 1, "rows": […], "runs": […], "largest_class": […], "differences": […]}; what one run cannot give is null.
Json to_json(const Table& table);

/// Accuracy against labels with one line a variant and its spread shaded.
struct AccuracyChart {
  std::string file;  ///< accuracy.png, or with the data set and study in its name where there are several
  LineChart chart;
};
/// One for each data set and study that has results for at least two numbers of labels (all labels, 0, is no number).
std::vector<AccuracyChart> accuracy_charts(const Table& table);

/// Writes results.md, results.csv, runs.csv, differences.csv, results.json and the charts of the cells into a folder, each whole
/// or not at all.
Table write_tables(const std::filesystem::path& root, const std::vector<Cell>& cells);

}  // namespace leaf
