#include <algorithm>

#include "leaf/base/text.h"
#include "leaf/compare/table.h"
#include "leaf/data/csv.h"

namespace leaf {
namespace {

struct Figure {
  const char* name;
  Spread Row::*spread;
  int digits;  ///< behind the point, in CSV
};
constexpr Figure kFigures[] = {
    {"accuracy", &Row::accuracy, 6}, {"balanced_accuracy", &Row::balanced_accuracy, 6}, {"macro_f1", &Row::macro_f1, 6},
    {"views", &Row::views, 0},       {"pretraining_views", &Row::pretraining_views, 0}, {"seconds", &Row::seconds, 3}};

Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json row_json(const Row& row) {
  Json json = {{"study", row.study}, {"data", row.data},         {"labels", row.labels}, {"variant", row.variant},
               {"runs", row.runs},   {"finished", row.finished}, {"failed", row.failed}, {"labels_outside", row.labels_outside}};
  for (const auto& figure : kFigures) {
    const auto& spread = row.*figure.spread;
    json[figure.name] = row.finished == 0 ? Json() : Json({{"mean", spread.mean}, {"deviation", or_null(spread.deviation)}});
  }
  for (const auto& [name, spread] :
       {std::pair{"start_accuracy", &row.start_accuracy}, std::pair{"start_balanced_accuracy", &row.start_balanced_accuracy}})
    json[name] = row.starts == 0 ? Json() : Json({{"mean", spread->mean}, {"deviation", or_null(spread->deviation)}});
  return json;
}

Json largest_json(const LargestClass& largest) {
  return {{"study", largest.study},
          {"data", largest.data},
          {"test_parts", largest.test_parts},
          {"accuracy", largest.accuracy},
          {"balanced_accuracy", largest.balanced_accuracy},
          {"macro_f1", largest.macro_f1}};
}

Json interval_json(const Interval& interval) {
  return {{"mean", interval.mean}, {"low", or_null(interval.low)}, {"high", or_null(interval.high)}};
}

Json difference_json(const PairedDifference& difference) {
  return {{"study", difference.study},
          {"data", difference.data},
          {"labels", difference.labels},
          {"reference", difference.reference},
          {"variant", difference.variant},
          {"seeds", difference.seeds},
          {"accuracy", interval_json(difference.accuracy)},
          {"balanced_accuracy", interval_json(difference.balanced_accuracy)},
          {"verdict", difference.verdict()}};
}

/// A share in CSV, empty where there is none.
std::string or_empty(const std::optional<double>& share) { return share ? fmt::format("{:.6f}", *share) : ""; }

Json run_json(const RunResult& run) {
  Json json = {{"study", run.study}, {"data", run.data},   {"labels", run.labels},   {"variant", run.variant},
               {"seed", run.seed},   {"state", run.state}, {"message", run.message}, {"folder", run.folder.string()}};
  if (run.state != "finished") return json;
  json.update({{"accuracy", run.accuracy},
               {"balanced_accuracy", run.balanced_accuracy},
               {"macro_f1", run.macro_f1},
               {"best_step", run.best_step},
               {"steps", run.steps},
               {"views", run.views},
               {"pretraining_views", run.pretraining_views},
               {"labels_outside", run.labels_outside},
               {"start_accuracy", or_null(run.start_accuracy)},
               {"start_balanced_accuracy", or_null(run.start_balanced_accuracy)},
               {"seconds", run.seconds}});
  return json;
}

/// The numbers of labels of the rows that have results, ascending.
std::vector<double> label_counts(const std::vector<const Row*>& rows) {
  std::vector<double> counts;
  for (const auto* row : rows) {
    if (row->labels > 0 && row->finished > 0) counts.push_back(row->labels);
  }
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

/// A source without the folders that lead to it: "ferplus:FERPlus/data" is titled "ferplus:data".
std::string title_of(const std::string& source) {
  const auto colon = source.find(':'), slash = source.rfind('/');
  return colon == std::string::npos || slash == std::string::npos || slash + 1 == source.size()
             ? source
             : source.substr(0, colon + 1) + source.substr(slash + 1);
}

LineChart chart_of(const std::vector<const Row*>& rows, const std::vector<double>& counts) {
  constexpr double kWide = 5;  // from here on equal factors deserve equal distances
  const auto& first = *rows.front();
  LineChart chart{.title = title_of(first.data) + (first.study.empty() ? "" : ", " + first.study),
                  .x_label = "labels",
                  .y_label = "accuracy, %",
                  .series = {}};
  chart.logarithmic_x = counts.back() >= kWide * counts.front();
  for (const auto* row : rows) {
    const auto named = [&](const Series& series) { return series.name == row->variant; };
    if (std::none_of(chart.series.begin(), chart.series.end(), named)) chart.series.push_back({row->variant, {}, {}, {}});
  }
  for (auto& series : chart.series) {
    for (const double count : counts) {
      for (const auto* row : rows) {
        if (row->variant != series.name || row->labels != count || row->finished == 0) continue;
        series.x.push_back(count);
        series.y.push_back(100 * row->accuracy.mean);
        series.spread.push_back(100 * row->accuracy.deviation.value_or(0));
      }
    }
  }
  return chart;
}

}  // namespace

std::string rows_csv(const Table& table) {
  std::string text = "study,data,labels,variant,runs,finished,failed,labels_outside";
  for (const auto& figure : kFigures) text += fmt::format(",{0}_mean,{0}_deviation", figure.name);
  text += ",start_accuracy,start_balanced_accuracy\n";
  for (const auto& row : table.rows) {
    text += fmt::format("{},{},{:g},{},{},{},{},{}", csv_field(row.study), csv_field(row.data), row.labels,
                        csv_field(row.variant), row.runs, row.finished, row.failed, row.labels_outside);
    for (const auto& figure : kFigures) {
      const auto& spread = row.*figure.spread;
      text += row.finished > 0 ? fmt::format(",{:.{}f},", spread.mean, figure.digits) : ",,";
      if (spread.deviation) text += fmt::format("{:.{}f}", *spread.deviation, figure.digits);
    }
    text += row.starts > 0 ? fmt::format(",{:.6f},{:.6f}\n", row.start_accuracy.mean, row.start_balanced_accuracy.mean) : ",,\n";
  }
  return text;
}

std::string runs_csv(const Table& table) {
  std::string text =
      "study,data,labels,variant,seed,state,accuracy,balanced_accuracy,macro_f1,best_step,steps,views,pretraining_views,"
      "labels_outside,start_accuracy,start_balanced_accuracy,seconds,folder,message\n";
  for (const auto& run : table.runs) {
    text += fmt::format("{},{},{:g},{},{},{},", csv_field(run.study), csv_field(run.data), run.labels, csv_field(run.variant),
                        run.seed, run.state);
    text += run.state != "finished"
                ? ",,,,,,,,,,"
                : fmt::format("{:.6f},{:.6f},{:.6f},{},{},{},{},{},{},{},{:.3f}", run.accuracy, run.balanced_accuracy,
                              run.macro_f1, run.best_step, run.steps, run.views, run.pretraining_views, run.labels_outside,
                              or_empty(run.start_accuracy), or_empty(run.start_balanced_accuracy), run.seconds);
    text += fmt::format(",{},{}\n", csv_field(run.folder.string()), csv_field(run.message));
  }
  return text;
}

std::string differences_csv(const Table& table) {
  std::string text =
      "study,data,labels,reference,variant,seeds,accuracy,accuracy_low,accuracy_high,balanced_accuracy,balanced_accuracy_low,"
      "balanced_accuracy_high,verdict\n";
  for (const auto& pair : table.differences) {
    text += fmt::format("{},{},{:g},{},{},{}", csv_field(pair.study), csv_field(pair.data), pair.labels,
                        csv_field(pair.reference), csv_field(pair.variant), pair.seeds);
    for (const auto* interval : {&pair.accuracy, &pair.balanced_accuracy})
      text += fmt::format(",{:.6f},{},{}", interval->mean, or_empty(interval->low), or_empty(interval->high));
    text += fmt::format(",{}\n", pair.verdict());
  }
  return text;
}

Json to_json(const Table& table) {
  Json rows = Json::array(), runs = Json::array(), largest = Json::array(), differences = Json::array();
  for (const auto& row : table.rows) rows.push_back(row_json(row));
  for (const auto& run : table.runs) runs.push_back(run_json(run));
  for (const auto& each : table.largest_class) largest.push_back(largest_json(each));
  for (const auto& pair : table.differences) differences.push_back(difference_json(pair));
  return {{"version", 1}, {"rows", rows}, {"runs", runs}, {"largest_class", largest}, {"differences", differences}};
}

std::vector<AccuracyChart> accuracy_charts(const Table& table) {
  std::vector<std::vector<const Row*>> groups;  // the rows are in order, so those of a group are neighbors
  for (const auto& row : table.rows) {
    const bool same = !groups.empty() && groups.back().front()->data == row.data && groups.back().front()->study == row.study;
    if (!same) groups.emplace_back();
    groups.back().push_back(&row);
  }
  std::vector<AccuracyChart> charts;
  for (const auto& group : groups) {
    const auto counts = label_counts(group);
    if (counts.size() < 2) continue;
    const auto& first = *group.front();
    const auto study = first.study.empty() ? "" : "-" + file_word(first.study);
    charts.push_back({groups.size() == 1 ? "accuracy.png" : fmt::format("accuracy-{}{}.png", file_word(first.data), study),
                      chart_of(group, counts)});
  }
  return charts;
}

}  // namespace leaf
