#include "leaf/pools/make_pools.h"

#include <algorithm>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/pools/division.h"
#include "leaf/pools/harder.h"
#include "leaf/pools/split_file.h"

namespace leaf {
namespace {

using Rows = std::vector<int64_t>;

Pool test_pool_of(const Datasets& datasets, std::vector<std::string>& remarks) {
  int64_t left_out = 0;
  Pool pool{with_classes(datasets.test, datasets.source->classes, left_out), {}};
  const char* const kNames[] = {"test part", "validation part", "all"};
  for (int choice = 0; choice < 3 && pool.rows.empty(); ++choice) {
    int64_t foreign = 0;
    for (int64_t row = 0; row < pool.dataset->size(); ++row) {
      const auto& record = pool.dataset->records[row];
      if (choice < 2 && record.part != (choice == 0 ? Part::test : Part::validation)) continue;
      if (record.label >= 0)
        pool.rows.push_back(row);
      else
        ++foreign;
    }
    if (pool.rows.empty()) continue;
    remarks.push_back(fmt::format("test: {} of {}, {} faces", kNames[choice], pool.dataset->name, grouped(pool.size())));
    if (foreign > 0)
      remarks.push_back(
          fmt::format("{} test faces of classes that {} does not have are left out", grouped(foreign), datasets.source->name));
  }
  if (pool.rows.empty()) {
    fail("{}: no face has one of the classes {}; choose another data.test", datasets.test->name, join(datasets.source->classes));
  }
  return pool;
}

/// Whether two names of data sets mean the same files read in the same way.
bool same_place(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a == b;
  const auto first = parse_source(a), second = parse_source(b);
  std::error_code code;
  return first.reader == second.reader && (first.path == second.path || std::filesystem::weakly_canonical(first.path, code) ==
                                                                            std::filesystem::weakly_canonical(second.path, code));
}

/// All faces of the second source that no other pool has.
Pool unlabeled_pool_of(const Datasets& datasets, const Pools& pools) {
  std::set<int64_t> taken;
  const auto exclude = [&](const std::shared_ptr<const Dataset>& owner, const Rows& rows) {
    if (owner == datasets.unlabeled) taken.insert(rows.begin(), rows.end());
  };
  exclude(datasets.source, pools.labeled.rows);
  exclude(datasets.source, pools.validation.rows);
  exclude(datasets.test ? datasets.test : datasets.source, pools.test.rows);
  Pool pool{datasets.unlabeled, {}};
  for (int64_t row = 0; row < pool.dataset->size(); ++row) {
    if (!taken.contains(row)) pool.rows.push_back(row);
  }
  return pool;
}

}  // namespace

Datasets load_datasets(const DataOptions& options, int threads, const DecodeProgress& progress) {
  const auto load = [&](const std::string& text, const DataOptions& how) {
    return std::make_shared<const Dataset>(load_dataset(text, how, threads, progress));
  };
  Datasets datasets;
  datasets.source = load(options.source, options);
  if (!options.test.empty())
    datasets.test = same_place(options.test, options.source) ? datasets.source : load(options.test, options);
  auto every_class = options;
  every_class.classes = "all";  // labels are not looked at, so none can be left out
  if (!options.foreign.empty()) {
    for (const auto& other : {options.source, options.unlabeled, options.test}) {
      if (same_place(options.foreign, other))
        fail("data.foreign names the same faces as {}; name another source", printable(other));
    }
    datasets.foreign = load(options.foreign, every_class);
  }
  if (options.unlabeled.empty()) return datasets;
  datasets.unlabeled = same_place(options.unlabeled, options.source) ? datasets.source
                       : same_place(options.unlabeled, options.test) ? datasets.test
                                                                     : load(options.unlabeled, every_class);
  return datasets;
}

Pools pretraining_pools(const Datasets& datasets, const DataOptions& options) {
  const auto& source = datasets.source;
  if (!options.split_file.empty() || !source->classes.empty()) return make_pools(datasets, options);
  if (datasets.unlabeled || datasets.test || options.labels != 0) {
    fail(
        "{}: no face has a label, so there is nothing to choose or to test on; leave data.labels, data.unlabeled and data.test "
        "out",
        source->name);
  }
  if (options.unlabeled_share != 1 || !options.foreign.empty() || options.tail != 1 || options.wrong_labels != 0) {
    fail(
        "{}: no face has a label, so the data cannot be made harder; leave data.unlabeled_share, data.foreign, data.tail and "
        "data.wrong_labels out",
        source->name);
  }
  Pools pools{
      .labeled = {source, {}}, .unlabeled = {source, {}}, .validation = {source, {}}, .test = {source, {}}, .remarks = {}};
  for (int64_t row = 0; row < source->size(); ++row) {
    if (source->records[row].part == Part::train) pools.unlabeled.rows.push_back(row);
  }
  pools.remarks.push_back(fmt::format("no face of {} has a label", source->name));
  return pools;
}

namespace {

Pools divided(const Datasets& datasets, const DataOptions& options) {
  if (datasets.source->classes.empty())
    fail("{}: no face has a label, so nothing can be learned; give labels, or use it as data.unlabeled", datasets.source->name);
  if (datasets.test == datasets.source)
    fail("data.test names the same faces as data.source; leave it empty to test on a part of them");
  auto division = divide(*datasets.source, options, datasets.test != nullptr);
  Pools pools;
  pools.labeled = {datasets.source, std::move(division.labeled)};
  pools.validation = {datasets.source, std::move(division.validation)};
  pools.remarks = std::move(division.remarks);
  pools.test = datasets.test ? test_pool_of(datasets, pools.remarks) : Pool{datasets.source, std::move(division.test)};
  pools.unlabeled = datasets.unlabeled ? unlabeled_pool_of(datasets, pools) : Pool{datasets.source, std::move(division.rest)};
  if (options.labels != 0 && options.split != "fraction" && pools.labeled.size() != static_cast<int64_t>(options.labels)) {
    pools.remarks.push_back(
        fmt::format("{} labeled faces for {:g}: the same number of each class", grouped(pools.labeled.size()), options.labels));
  }
  make_harder(pools, datasets, options);
  return pools;
}

}  // namespace

Pools make_pools(const Datasets& datasets, const DataOptions& options) {
  auto pools = options.split_file.empty() ? divided(datasets, options) : read_split(options.split_file, datasets);
  if (!options.split_file.empty() && (options.tail > 1 || options.unlabeled_share < 1 || datasets.foreign)) {
    pools.remarks.emplace_back(
        "data.tail, unlabeled_share and foreign_share are not applied again: the split has its own list of faces");
  }
  mislabel(pools, options);
  return pools;
}

}  // namespace leaf
