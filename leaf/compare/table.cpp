#include "leaf/compare/table.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <sstream>
#include <tuple>

#include "leaf/base/bytes.h"
#include "leaf/base/claim.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/pictures/codec.h"

namespace leaf {
namespace {

/// Where a value stands among those that came before it; it joins them when it is new.
template <typename T>
size_t place_of(std::vector<T>& known, const T& value) {
  const auto found = std::find(known.begin(), known.end(), value);
  if (found == known.end()) known.push_back(value);
  return static_cast<size_t>(std::find(known.begin(), known.end(), value) - known.begin());
}

/// The seconds of all steps, which a run that was interrupted keeps in its journal.
double training_seconds(const RunFolder& folder) {
  double sum = 0;
  std::istringstream lines(read_file(folder.speed()));
  for (std::string line; std::getline(lines, line);) {
    const auto entry = Json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.value("seconds", Json()).is_number())
      fail("{} is damaged: a line has no \"seconds\"", folder.speed().string());
    sum += entry.at("seconds").get<double>();
  }
  return sum;
}

void read_report(RunResult& result, const RunFolder& folder) {
  const auto path = folder.report().string();
  try {
    const auto report = Json::parse(read_file(path, 1 << 24));
    const auto& test = report.at("test");
    result.accuracy = test.at("accuracy").get<double>();
    result.balanced_accuracy = test.at("balanced_accuracy").get<double>();
    result.macro_f1 = test.at("macro_f1").get<double>();
    result.best_step = report.at("best_step").get<int64_t>();
    result.steps = report.at("steps").get<int64_t>();
    result.views = report.at("views").get<int64_t>();
    result.pretraining_views = report.value("pretraining_views", int64_t{0});  // older runs have none
  } catch (const Json::exception&) {
    fail("{} is damaged: it is not a report; remove it, and the run is tested again", path);
  }
  result.seconds = training_seconds(folder);
}

Row row_of(const std::vector<const RunResult*>& runs) {
  const auto& first = *runs.front();
  Row row{.study = first.study, .data = first.data, .variant = first.variant, .labels = first.labels};
  std::vector<const RunResult*> finished;
  for (const auto* run : runs) {
    ++row.runs;
    row.failed += run->state == "failed";
    if (run->state == "finished") finished.push_back(run);
  }
  row.finished = static_cast<int64_t>(finished.size());
  const auto spread = [&](const std::function<double(const RunResult&)>& figure) {
    std::vector<double> figures;
    for (const auto* run : finished) figures.push_back(figure(*run));
    return spread_of(figures);
  };
  row.accuracy = spread([](const RunResult& run) { return run.accuracy; });
  row.balanced_accuracy = spread([](const RunResult& run) { return run.balanced_accuracy; });
  row.macro_f1 = spread([](const RunResult& run) { return run.macro_f1; });
  row.seconds = spread([](const RunResult& run) { return run.seconds; });
  row.views = spread([](const RunResult& run) { return static_cast<double>(run.views); });
  row.pretraining_views = spread([](const RunResult& run) { return static_cast<double>(run.pretraining_views); });
  return row;
}

}  // namespace

Spread spread_of(const std::vector<double>& figures) {
  if (figures.empty()) return {};
  const auto n = static_cast<double>(figures.size());
  const double mean = std::accumulate(figures.begin(), figures.end(), 0.0) / n;
  if (figures.size() == 1) return {mean, std::nullopt};
  double squares = 0;
  for (const double figure : figures) squares += (figure - mean) * (figure - mean);
  return {mean, std::sqrt(squares / (n - 1))};
}

RunResult read_result(const Cell& cell) {
  RunResult result{.study = cell.variant.study,
                   .data = cell.data,
                   .variant = cell.variant.name(),
                   .labels = cell.labels,
                   .seed = cell.seed,
                   .state = "waiting",
                   .message = {},
                   .folder = cell.folder.root};
  if (cell.finished()) {
    try {
      result.state = "finished";
      read_report(result, cell.folder);
    } catch (const Error& error) {  // a damaged file of one run must not hide the others
      result.state = "failed";
      result.message = error.what();
    }
  } else if (cell.failed()) {
    result.state = "failed";
    result.message = trim(read_file(cell.failure(), 1 << 20));
  } else if (std::filesystem::exists(cell.folder.last())) {
    result.state = "interrupted";
  }
  return result;
}

Table make_table(std::vector<RunResult> runs) {
  std::vector<std::string> studies, data, variants;
  std::vector<double> labels;
  using Key = std::tuple<size_t, size_t, size_t, size_t>;
  std::map<Key, std::vector<const RunResult*>> groups;
  Table table{std::move(runs), {}};
  for (const auto& run : table.runs) {
    const Key key{place_of(studies, run.study), place_of(data, run.data), place_of(labels, run.labels),
                  place_of(variants, run.variant)};
    groups[key].push_back(&run);
  }
  for (const auto& [key, group] : groups) table.rows.push_back(row_of(group));
  return table;
}

Table write_tables(const std::filesystem::path& root, const std::vector<Cell>& cells) {
  make_folder(root);
  const auto claim = Claim::wait(root / "results.lock");  // so that no process writes an older state over a newer one
  std::vector<RunResult> runs;
  for (const auto& cell : cells) {
    runs.push_back(read_result(cell));
    runs.back().folder = cell.folder.root.lexically_relative(root);
  }
  const auto table = make_table(std::move(runs));
  std::vector<std::string> pictures;
  for (const auto& [file, chart] : accuracy_charts(table)) {
    write_png(root / file, line_chart(chart));
    pictures.push_back(file);
  }
  const bool pictured = std::find(pictures.begin(), pictures.end(), "accuracy.png") != pictures.end();
  if (!pictured) std::filesystem::remove(root / "accuracy.png");  // of an earlier grid
  write_file(root / "results.md", to_markdown(table, pictures));
  write_file(root / "results.csv", rows_csv(table));
  write_file(root / "runs.csv", runs_csv(table));
  write_file(root / "results.json", to_json(table).dump(2) + "\n");
  return table;
}

}  // namespace leaf
