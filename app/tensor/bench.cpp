#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "app/tensor/bench_processes.h"
#include "app/tensor/commands.h"
#include "app/tensor/grid_console.h"
#include "app/tensor/request.h"
#include "app/tensor/start.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"
#include "leaf/compare/ablation.h"
#include "leaf/compare/grid.h"
#include "leaf/compare/table.h"
#include "leaf/runs/experiment.h"

namespace leaf::app {
namespace {

template <typename T, typename Parse>
std::vector<T> read_list(const std::string& text, std::string_view flag, std::string_view noun, Parse parse) {
  std::vector<T> values;
  for (const auto& word : split_words(text, ',')) {
    const auto value = parse(trim(word));
    if (!value) fail_usage("{} is a list of {} separated by commas, so it cannot hold \"{}\"", flag, noun, printable(word));
    values.push_back(*value);
  }
  return values;
}

/// Options that each run of a grid sets itself are refused elsewhere.
void check_words(const BenchArguments& arguments, const Config& base) {
  const auto& data = base.data;
  const auto& words = arguments.config;
  if (!words.levels.empty()) fail_usage("leaf bench reads levels behind an algorithm: --algorithms leaf+semantic, not --levels");
  auto given = words.shortcuts;
  for (const auto& assignment : words.assignments) given.emplace_back(trim(assignment.substr(0, assignment.find('='))), "");
  const auto has = [&](std::string_view key) {
    return std::any_of(given.begin(), given.end(), [&](const auto& word) { return word.first == key; });
  };
  for (const auto& level : level_names()) {
    const auto key = level_option(level);
    if (base.given.contains(key)) fail_usage("{} is set for each run by --algorithms, as in leaf+semantic; leave it out", key);
  }
  if (has("algorithm.name") && (!arguments.algorithms.empty() || arguments.ablate))
    fail_usage("--algorithm and a list of variants exclude each other; use --algorithms alone");
  if (has("train.seed") && !arguments.seeds.empty()) fail_usage("--seed and --seeds exclude each other; use --seeds alone");
  if (has("data.labels") && !arguments.labels.empty())
    fail_usage("data.labels and --labels exclude each other; use --labels alone");
  const bool faces_given = data.split == "authors" || !data.split_file.empty();
  if (has("data.split_seed") && !faces_given)
    fail_usage("the seed of the labeled faces is each run's own; use --seeds instead of --split-seed");
  if (arguments.ablate && !arguments.algorithms.empty()) fail_usage("--ablation has variants of its own; leave --algorithms out");
}

/// `--ablation LIST SOURCE` and `--ablation SOURCE` give the sources to the flag: what follows the list, or is none, is put
/// where it belongs. Returns the list, "" for all studies.
std::string take_sources(std::vector<std::string>& sources, std::vector<std::string> words) {
  if (words.empty()) return "";
  const auto known = study_names();
  const auto& first = words.front();
  const auto names = split_words(first, ',');
  const bool some_study = std::any_of(
      names.begin(), names.end(), [&](const auto& name) { return std::find(known.begin(), known.end(), name) != known.end(); });
  const bool source = !some_study && (first.find_first_of(":/.") != std::string::npos || std::filesystem::exists(first));
  const std::string studies = source ? "" : first;  // what is neither is a study that is misspelled
  sources.insert(sources.end(), words.begin() + (source ? 0 : 1), words.end());
  return studies;
}

Grid read_grid(const BenchArguments& arguments) {
  Grid grid;
  grid.base = request_of(arguments.config);
  recognize_start(grid.base);
  check_words(arguments, grid.base);
  grid.base.preset("train.calibrate", Json(false));  // tables are of labels, which it does not change
  grid.sources = arguments.sources;
  const auto studies = take_sources(grid.sources, arguments.ablation);
  grid.variants = arguments.ablate ? ablation(studies)
                                   : parse_variants(arguments.algorithms.empty() ? grid.base.algorithm : arguments.algorithms);
  grid.labels = {grid.base.data.labels};
  if (!arguments.labels.empty()) grid.labels = read_list<double>(arguments.labels, "--labels", "numbers", to_number);
  grid.seeds = {grid.base.train.seed};
  if (!arguments.seeds.empty()) grid.seeds = read_list<int64_t>(arguments.seeds, "--seeds", "whole numbers", to_integer);
  if (grid.sources.empty())
    fail_usage(
        "leaf bench needs a source of faces, e.g. leaf bench ferplus:FOLDER --algorithms supervised,leaf -o FOLDER; or --step");
  if (arguments.output.empty()) fail_usage("leaf bench needs a folder for its runs and tables: -o FOLDER");
  return grid;
}

/// What is done of a cell: a run there with another configuration is none of it.
std::string state_of(const Cell& cell) {
  const bool exists = std::filesystem::exists(cell.folder.config());
  return exists && !difference(run_config(cell.folder), *cell.config).empty() ? "different" : read_result(cell).state;
}

void print_runs(const std::vector<Cell>& cells) {
  std::set<std::filesystem::path> seen;
  for (const auto& cell : cells) {
    const bool shared = !seen.insert(cell.folder.root).second;
    print("{:<12} {}  {}\n", shared ? "shared" : state_of(cell), cell_name(cell), cell.folder.root.string());
  }
  print("{} runs\n", seen.size());
}

void print_table(const Table& table, const BenchArguments& arguments) {
  if (arguments.format == "json") {
    write_output(json_text(to_json(table)));
  } else if (arguments.format == "csv") {
    write_output(rows_csv(table));
  } else {
    print("{}everything is in {}\n", to_text(table), arguments.output);
  }
}

/// Something to measure instead of a grid of runs.
struct Measurement {
  const char* option;
  bool BenchArguments::*asked;
  bool takes_source;
  void (*measure)(const BenchArguments&);
};

constexpr Measurement kMeasurements[] = {{"--speed", &BenchArguments::speed, false, measure_speed},
                                         {"--growth", &BenchArguments::growth, false, measure_growth},
                                         {"--step", &BenchArguments::step, true, measure_step},
                                         {"--prediction", &BenchArguments::prediction, false, measure_prediction}};

/// Measures what was asked for; false where it is a grid.
bool measured(const BenchArguments& arguments) {
  const Measurement* asked = nullptr;
  for (const auto& each : kMeasurements) {
    if (!(arguments.*each.asked)) continue;
    if (asked != nullptr) fail_usage("leaf bench measures one thing at a time: {} or {}", asked->option, each.option);
    asked = &each;
  }
  if (asked == nullptr) return false;
  if (arguments.sources.size() > (asked->takes_source ? 1 : 0) || !arguments.algorithms.empty() || !arguments.seeds.empty() ||
      arguments.ablate) {
    fail_usage("leaf bench {} measures one configuration: leave {}, --algorithms, --seeds and --ablation out", asked->option,
               asked->takes_source ? "further sources" : "sources");
  }
  if (arguments.format == "csv") fail_usage("leaf bench {} prints text or json, not csv", asked->option);
  asked->measure(arguments);
  return true;
}

}  // namespace

void run_bench(const BenchArguments& arguments, char** argv) {
  if (measured(arguments)) return;
  const auto grid = read_grid(arguments);
  const std::filesystem::path root = arguments.output;
  const auto cells = expand(grid, root);
  if (arguments.dry_run) return print_runs(cells);
  const bool worker = arguments.worker != 0;
  GridConsole console(worker);
  const GridOptions options{.jobs = arguments.jobs,
                            .threads = arguments.jobs > 1 ? std::max<int64_t>(1, available_processors() / arguments.jobs) : 0};
  if (worker) {
    end_with_parent(arguments.worker);
    return run_grid(cells, root, options, console);
  }
  prepare(cells, arguments.force);
  {
    const Workers workers(arguments.jobs - 1, argv);
    run_grid(cells, root, options, console);
  }
  const auto table = write_tables(root, cells);
  print_table(table, arguments);
  std::set<std::filesystem::path> failed;
  for (const auto& run : table.runs) {
    if (run.state == "failed") failed.insert(run.folder);
  }
  if (!failed.empty())
    fail("{} of the runs failed; the tables in {} say why; the same command tries them again", failed.size(), arguments.output);
}

}  // namespace leaf::app
