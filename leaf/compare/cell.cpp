#include "leaf/compare/cell.h"

#include <algorithm>
#include <map>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/claim.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/ssl/algorithms.h"

namespace leaf {
namespace {

std::string labels_name(double labels) { return labels > 0 ? fmt::format("{}", labels) : "all"; }

template <typename T>
void check_list(const std::vector<T>& values, std::string_view what) {
  if (values.empty()) fail_usage("a grid needs at least one of its {}", what);
  if (std::set<T>(values.begin(), values.end()).size() < values.size())
    fail_usage("a grid's {} are named once each, but one is there twice", what);
}

/// Every option of an algorithm that was set must be one that some variant has.
void check_own_options(const Grid& grid) {
  for (const auto& [key, value] : grid.base.algorithm_options.items()) {
    const auto has = [&key = key](const Variant& variant) { return has_option(variant.algorithm, key); };
    if (std::any_of(grid.variants.begin(), grid.variants.end(), has)) continue;
    resolve_options(grid.variants.front().algorithm, Json::object(), {{key, value}});  // says what is wrong
  }
}

void check_sources(const std::vector<std::string>& sources) {
  check_list(sources, "data sets");
  std::map<std::string, std::string> names;
  for (const auto& source : sources) {
    parse_source(source);
    const auto [other, added] = names.emplace(file_word(source), source);
    if (!added)
      fail_usage("{} and {} would share the folder \"{}\"; run them into two output folders", other->second, source,
                 other->first);
  }
}

Config cell_config(const Grid& grid, const std::string& source, double labels, int64_t seed) {
  auto config = grid.base;
  config.data.source = source;
  config.set("data.labels", Json(labels), "--labels");
  config.set("train.seed", Json(seed), "--seeds");
  const bool faces_given = config.data.split == "authors" || !config.data.split_file.empty();
  if (!faces_given) config.set("data.split_seed", Json(seed), "--seeds");
  return config;
}

}  // namespace

std::string file_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool kept =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("+=_").find(c) != std::string_view::npos;
    if (kept || (c == '.' && !word.empty())) {
      word += c;
    } else if (!word.empty() && word.back() != '-') {
      word += '-';
    }
  }
  constexpr size_t kLongest = 100;  // of a path the end tells most
  if (word.size() > kLongest) word.erase(0, word.size() - kLongest);
  return word.empty() ? "source" : word;
}

std::vector<Cell> expand(const Grid& grid, const std::filesystem::path& root) {
  check_sources(grid.sources);
  check_list(grid.labels, "numbers of labels");
  check_list(grid.seeds, "seeds");
  if (grid.variants.empty()) fail_usage("a grid needs at least one algorithm");
  if (!grid.base.data.split_file.empty() && grid.labels.size() > 1)
    fail_usage("data.split_file names the labeled faces, so --labels cannot have several numbers");
  check_own_options(grid);
  std::vector<Cell> cells;
  for (const auto& source : grid.sources) {
    for (const auto seed : grid.seeds) {
      for (const auto labels : grid.labels) {
        const auto base = cell_config(grid, source, labels, seed);
        for (const auto& variant : grid.variants) {
          if (variant.study == "recipe" && base.train.recipe == "published")
            fail_usage(
                "the study \"recipe\" takes back what a recipe sets, but the recipe is published; leave --method and --recipe "
                "out");
          auto config = variant.apply(base), plain = variant.plain().apply(base);
          const bool changed = config->to_toml() != plain->to_toml();
          const auto name = (changed ? variant : variant.plain()).name();
          const RunFolder folder{root / "runs" / file_word(source) / labels_name(labels) / file_word(name) /
                                 fmt::format("seed{}", seed)};
          cells.push_back({source, labels, variant, seed, std::move(config), folder, name});
        }
      }
    }
  }
  return cells;
}

namespace {

/// difference() of the configuration that a run's folder keeps, which may be of another version or damaged.
std::string stored_difference(const Cell& cell) {
  try {
    return difference(run_config(cell.folder), *cell.config);
  } catch (const Error& error) {
    return fmt::format("a configuration that cannot be read ({})", error.what());
  }
}

}  // namespace

void prepare(const std::vector<Cell>& cells, bool force) {
  std::set<std::filesystem::path> seen;
  for (const auto& cell : cells) {
    if (!seen.insert(cell.folder.root).second) continue;
    make_folder(cell.failure().parent_path());
    std::filesystem::remove(cell.failure());
    if (!std::filesystem::exists(cell.folder.config())) continue;
    const auto differs = stored_difference(cell);
    if (differs.empty()) continue;
    const auto name = cell.folder.root.string();
    if (!force)
      fail("{} holds a run with {}; choose another folder with --output, or replace such runs with --force", name, differs);
    const auto claim = Claim::attempt(cell.lock());
    if (!claim) fail("{} is being trained by another process; stop it first, or choose another folder", name);
    cell.folder.create(cell.config->to_toml(), /*force=*/true);
  }
}

}  // namespace leaf
