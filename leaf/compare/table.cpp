#include "leaf/compare/table.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "leaf/base/bytes.h"
#include "leaf/base/claim.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/codec.h"

namespace leaf {
namespace {

using Runs = std::vector<const RunResult*>;

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
    const auto entry = parse_json(line);
    if (!entry.is_object() || !entry.value("seconds", Json()).is_number())
      fail("{} is damaged: a line has no \"seconds\"", folder.speed().string());
    sum += entry.at("seconds").get<double>();
  }
  return sum;
}

/// The labels outside of the budget that chose the best epoch; those of older runs always were.
int64_t labels_outside(const Json& report) {
  if (!report.contains("labels")) return report.at("validation").at("faces").get<int64_t>();
  const auto& labels = report.at("labels");
  return labels.at("choosing_outside_of_budget").get<bool>() ? labels.at("choosing").get<int64_t>() : 0;
}

/// What a start that knew the classes said of the test faces.
void read_start(RunResult& result, const RunFolder& folder) {
  const auto path = folder.weights();
  if (!std::filesystem::exists(path)) return;
  const auto weights = parse_json(read_file(path, 1 << 24));
  if (!weights.is_object()) fail("{} is damaged: it is no JSON object; remove the run, and it is trained again", path.string());
  if (!weights.contains("test")) return;
  try {
    result.start_accuracy = weights.at("test").at("accuracy").get<double>();
    result.start_balanced_accuracy = weights.at("test").at("balanced_accuracy").get<double>();
  } catch (const Json::exception&) {
    fail("{} is damaged: \"test\" has no accuracies; remove the run, and it is trained again", path.string());
  }
}

/// A number for the names of the faces that were tested on.
uint64_t test_faces(const RunFolder& folder) {
  const auto split = parse_json(read_file(folder.split()));
  if (!split.is_object() || !split.contains("test"))
    fail("{} is damaged: it has no \"test\"; remove the run, and it is trained again", folder.split().string());
  return hash_bytes(split.at("test").dump());
}

void read_report(RunResult& result, const RunFolder& folder) {
  const auto path = folder.report().string();
  try {
    const auto report = parse_json(read_file(path, 1 << 24));
    const auto& test = report.at("test");
    if (test.at("faces") == 0) fail("{}: no face was tested on; name some with --test, or raise data.test_share", path);
    result.accuracy = test.at("accuracy").get<double>();
    result.balanced_accuracy = test.at("balanced_accuracy").get<double>();
    result.macro_f1 = test.at("macro_f1").get<double>();
    for (const auto& own : test.at("per_class")) result.support.push_back(own.at("support").get<int64_t>());
    result.best_step = report.at("best_step").get<int64_t>();
    result.steps = report.at("steps").get<int64_t>();
    result.views = report.at("views").get<int64_t>();
    result.labels_outside = labels_outside(report);
    result.pretraining_views = report.value("pretraining_views", int64_t{0});  // older runs have none
  } catch (const Json::exception&) {
    fail("{} is damaged: it is not a report; remove it, and the run is tested again", path);
  }
  result.seconds = training_seconds(folder);
  result.test_faces = test_faces(folder);
  read_start(result, folder);
}

Row row_of(const Runs& runs) {
  const auto& first = *runs.front();
  Row row{.study = first.study, .data = first.data, .variant = first.variant, .labels = first.labels};
  Runs finished;
  for (const auto* run : runs) {
    ++row.runs;
    row.failed += run->state == "failed";
    if (run->state != "finished") continue;
    finished.push_back(run);
    row.labels_outside = std::max(row.labels_outside, run->labels_outside);
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
  std::erase_if(finished, [](const RunResult* run) { return !run->start_accuracy; });
  row.starts = static_cast<int64_t>(finished.size());
  row.start_accuracy = spread([](const RunResult& run) { return *run.start_accuracy; });
  row.start_balanced_accuracy = spread([](const RunResult& run) { return *run.start_balanced_accuracy; });
  return row;
}

/// Adds the test part of one run, for the mean.
void add_largest(LargestClass& largest, const std::vector<int64_t>& support) {
  int64_t most = 0, faces = 0, classes = 0;
  for (const int64_t count : support) {
    most = std::max(most, count);
    faces += count;
    classes += count > 0;
  }
  const auto share = static_cast<double>(most) / static_cast<double>(faces), each = 1 / static_cast<double>(classes);
  const auto n = static_cast<double>(++largest.test_parts);
  const auto join = [n](double& mean, double figure) { mean += (figure - mean) / n; };
  join(largest.accuracy, share);
  join(largest.balanced_accuracy, each);
  join(largest.macro_f1, 2 * share / (1 + share) * each);
}

/// Of all runs of one study and data set; nothing where none is finished.
std::optional<LargestClass> largest_class_of(const Runs& runs) {
  LargestClass largest{.study = runs.front()->study, .data = runs.front()->data};
  std::set<uint64_t> seen;
  for (const auto* run : runs) {
    if (run->state == "finished" && seen.insert(run->test_faces).second) add_largest(largest, run->support);
  }
  return largest.test_parts > 0 ? std::optional(largest) : std::nullopt;
}

PairedDifference difference_of(const Runs& reference, const Runs& other) {
  const auto& first = *other.front();
  std::vector<double> accuracies, balanced;
  for (const auto* ours : reference) {
    for (const auto* theirs : other) {
      const bool both = ours->state == "finished" && theirs->state == "finished";
      if (!both || ours->seed != theirs->seed || ours->test_faces != theirs->test_faces) continue;
      accuracies.push_back(ours->accuracy - theirs->accuracy);
      balanced.push_back(ours->balanced_accuracy - theirs->balanced_accuracy);
    }
  }
  return {.study = first.study,
          .data = first.data,
          .reference = reference.front()->variant,
          .variant = first.variant,
          .labels = first.labels,
          .seeds = static_cast<int64_t>(accuracies.size()),
          .accuracy = interval_of(accuracies),
          .balanced_accuracy = interval_of(balanced)};
}

/// `variants` are those of one study, data set and number of labels.
void add_differences(std::vector<PairedDifference>& differences, const std::vector<Runs>& variants) {
  const auto unchanged = [](const Runs& runs) { return runs.front()->run_name == "leaf"; };
  auto reference = std::find_if(variants.begin(), variants.end(), unchanged);
  if (reference == variants.end()) reference = variants.begin();
  for (const auto& other : variants) {
    if (other.front()->run_name == reference->front()->run_name) continue;
    auto difference = difference_of(*reference, other);
    if (difference.seeds > 0) differences.push_back(std::move(difference));
  }
}

}  // namespace

RunResult read_result(const Cell& cell) {
  RunResult result{.study = cell.variant.study,
                   .data = cell.data,
                   .variant = cell.variant.name(),
                   .labels = cell.labels,
                   .seed = cell.seed,
                   .run_name = cell.run_name,
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

std::string PairedDifference::verdict() const {
  if (accuracy.low && *accuracy.low > 0) return "better";
  return accuracy.high && *accuracy.high < 0 ? "worse" : "open";
}

Table make_table(std::vector<RunResult> runs) {
  std::vector<std::string> studies, data, variants;
  std::vector<double> labels;
  using Key = std::tuple<size_t, size_t, size_t, size_t>;
  std::map<Key, Runs> groups;
  std::map<std::tuple<size_t, size_t>, Runs> sources;
  std::map<std::tuple<size_t, size_t, size_t>, std::vector<Runs>> comparisons;
  Table table{std::move(runs), {}, {}, {}};
  for (const auto& run : table.runs) {
    const Key key{place_of(studies, run.study), place_of(data, run.data), place_of(labels, run.labels),
                  place_of(variants, run.variant)};
    groups[key].push_back(&run);
  }
  for (const auto& [key, group] : groups) {
    const auto [study, source, count, variant] = key;
    table.rows.push_back(row_of(group));
    comparisons[{study, source, count}].push_back(group);
    auto& all = sources[{study, source}];
    all.insert(all.end(), group.begin(), group.end());
  }
  for (const auto& [key, variants] : comparisons) add_differences(table.differences, variants);
  for (const auto& [key, all] : sources) {
    if (const auto largest = largest_class_of(all)) table.largest_class.push_back(*largest);
  }
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
    if (!can_draw()) break;
    write_png(root / file, line_chart(chart));
    pictures.push_back(file);
  }
  const bool pictured = std::find(pictures.begin(), pictures.end(), "accuracy.png") != pictures.end();
  if (!pictured) std::filesystem::remove(root / "accuracy.png");  // of an earlier grid
  write_file(root / "results.md", to_markdown(table, pictures));
  write_file(root / "results.csv", rows_csv(table));
  write_file(root / "runs.csv", runs_csv(table));
  write_file(root / "differences.csv", differences_csv(table));
  write_file(root / "results.json", json_text(to_json(table)));
  return table;
}

}  // namespace leaf
