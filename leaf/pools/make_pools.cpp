#include "leaf/pools/make_pools.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/pools/division.h"
#include "leaf/pools/harder.h"
#include "leaf/pools/split.h"
#include "leaf/pools/split_file.h"

namespace leaf {
namespace {

using Rows = std::vector<int64_t>;

constexpr uint64_t kChoosingStream = 6;  ///< of Rng(split_seed); division.cpp has those before

/// The faces of a second source with a label of ours: of the first of `parts` that has any, else of all parts. `what` they are
/// for, "test", and the option that names them are for messages.
Pool second_pool(const std::shared_ptr<const Dataset>& dataset, const Dataset& source, const std::vector<Part>& parts,
                 const std::string& what, const std::string& option, std::vector<std::string>& remarks) {
  int64_t left_out = 0;
  Pool pool{with_classes(dataset, source.classes, left_out), {}};
  for (size_t choice = 0; choice <= parts.size() && pool.rows.empty(); ++choice) {
    const bool all = choice == parts.size();
    int64_t foreign = 0;
    for (int64_t row = 0; row < pool.dataset->size(); ++row) {
      const auto& record = pool.dataset->records[row];
      if (!all && record.part != parts[choice]) continue;
      if (record.label >= 0)
        pool.rows.push_back(row);
      else
        ++foreign;
    }
    if (pool.rows.empty()) continue;
    const auto* const part = all ? "all" : parts[choice] == Part::test ? "test part" : "validation part";
    remarks.push_back(fmt::format("{}: {} of {}, {} faces", what, part, pool.dataset->name, grouped(pool.size())));
    if (foreign > 0)
      remarks.push_back(
          fmt::format("{} {} faces of classes that {} does not have are left out", grouped(foreign), what, source.name));
  }
  if (pool.rows.empty())
    fail("{}: no face has one of the classes {}; choose another {}", dataset->name, join(source.classes), option);
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

void check_choosing_options(const DataOptions& options) {
  if (!options.validation_source.empty() && options.validation > 0)
    fail_usage("data.validation takes faces to choose by from the labels, data.validation_source others; give one of the two");
  if (options.validation_source.empty() && options.validation_faces > 0)
    fail_usage("data.validation_faces is {}, but data.validation_source names no faces; give --validation, or leave it out",
               options.validation_faces);
}

}  // namespace

Datasets load_datasets(const DataOptions& options, int threads, const DecodeProgress& progress) {
  const auto load = [&](const std::string& text, const DataOptions& how) {
    return std::make_shared<const Dataset>(load_dataset(text, how, threads, progress));
  };
  check_choosing_options(options);
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
  if (const auto& other = options.validation_source; !other.empty() && other != "part") {
    for (const auto& [key, place] :
         {std::pair{"source", options.source}, {"unlabeled", options.unlabeled}, {"test", options.test}}) {
      if (same_place(other, place))
        fail(
            "data.validation_source names the same faces as data.{}, {}; name other faces, or part for the validation part "
            "of the source",
            key, printable(place));
    }
    datasets.validation = load(other, options);
  }
  if (options.unlabeled.empty()) return datasets;
  datasets.unlabeled = same_place(options.unlabeled, options.source) ? datasets.source
                       : same_place(options.unlabeled, options.test) ? datasets.test
                                                                     : load(options.unlabeled, every_class);
  return datasets;
}

namespace {

/// Puts first what was left out of the data sets.
void tell_left_out(const Datasets& datasets, Pools& pools) {
  std::vector<std::string> remarks;
  for (const auto* dataset : {&datasets.source, &datasets.unlabeled, &datasets.test, &datasets.foreign, &datasets.validation}) {
    if (*dataset == nullptr) continue;
    for (auto& remark : remarks_on(**dataset)) {
      if (std::find(remarks.begin(), remarks.end(), remark) == remarks.end()) remarks.push_back(std::move(remark));
    }
  }
  pools.remarks.insert(pools.remarks.begin(), remarks.begin(), remarks.end());
}

}  // namespace

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
  tell_left_out(datasets, pools);
  return pools;
}

namespace {

/// `options.validation_faces` of the faces to choose by, or all of them.
Pool chosen_of(Pool pool, const DataOptions& options) {
  if (options.validation_faces == 0) return pool;
  check_choosing(options, pool.size(), pool.dataset->name);
  const auto rng = Rng(static_cast<uint64_t>(options.split_seed)).split(kChoosingStream);
  Rows rows;
  for (const int64_t i : split_as_they_come(labels_of(pool), options.validation_faces, rng).labeled) rows.push_back(pool.rows[i]);
  pool.rows = std::move(rows);
  return pool;
}

/// A number for the picture of a face.
uint64_t content_of(const Dataset& dataset, int64_t row) {
  const auto face = dataset.faces->face(row);
  return hash_pixels(face, static_cast<uint64_t>(face.width));
}

/// The names of the faces of some pools by content, without those that come from `source`.
class Contents {
 public:
  explicit Contents(const Dataset* source) : source_(source) {}

  /// `owner` is the data set as it was loaded; rows behind its own are foreign faces.
  void add(const Pool& pool, const Dataset* owner) {
    for (const int64_t row : pool.rows) {
      if (owner != source_ || row >= owner->size())
        names_.emplace(content_of(*pool.dataset, row), pool.dataset->records[row].name());
    }
  }

  /// nullptr = it is in none of the pools.
  const std::string* name_of(const Pool& pool, int64_t row) const {
    if (names_.empty()) return nullptr;
    const auto found = names_.find(content_of(*pool.dataset, row));
    return found == names_.end() ? nullptr : &found->second;
  }

 private:
  const Dataset* source_;
  std::unordered_map<uint64_t, std::string> names_;
};

Pools divided(const Datasets& datasets, const DataOptions& options) {
  if (datasets.source->classes.empty())
    fail("{}: no face has a label, so nothing can be learned; give labels, or use it as data.unlabeled", datasets.source->name);
  if (datasets.test == datasets.source)
    fail("data.test names the same faces as data.source; leave it empty to test on a part of them");
  auto division = divide(*datasets.source, options, datasets.test != nullptr);
  Pools pools;
  pools.labeled = {datasets.source, std::move(division.labeled)};
  pools.remarks = std::move(division.remarks);
  pools.validation = datasets.validation ? chosen_of(second_pool(datasets.validation, *datasets.source, {Part::validation},
                                                                 "validation", "data.validation_source", pools.remarks),
                                                     options)
                                         : Pool{datasets.source, std::move(division.validation)};
  pools.test = datasets.test ? second_pool(datasets.test, *datasets.source, {Part::test, Part::validation}, "test", "data.test",
                                           pools.remarks)
                             : Pool{datasets.source, std::move(division.test)};
  pools.unlabeled = datasets.unlabeled ? unlabeled_pool_of(datasets, pools) : Pool{datasets.source, std::move(division.rest)};
  if (pools.labeled.size() == 0)
    fail("{}: no face with a label is left to learn from; keep fewer for testing", datasets.source->name);
  const auto spent = pools.labeled.size() + (options.validation_source.empty() ? pools.validation.size() : 0);
  if (options.labels != 0 && options.split != "fraction" && spent != static_cast<int64_t>(options.labels)) {
    pools.remarks.push_back(
        fmt::format("{} labels for {:g}: {}", grouped(spent), options.labels,
                    options.split == "random" ? "there are no more" : "the same number of each class, as far as it has faces"));
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
  if (options.split_file.empty()) pools.validation_outside = !options.validation_source.empty();
  if (pools.validation.size() == 0 && !options.validation_source.empty())
    fail("{} has no faces to choose by, but --validation names some; leave it out, or divide the faces anew",
         printable(options.split_file));
  mislabel(pools, options);
  tell_left_out(datasets, pools);
  return pools;
}

void check_shared_faces(const Datasets& datasets, Pools& pools) {
  const auto* const own = datasets.source.get();
  const auto* const test = datasets.test ? datasets.test.get() : own;
  const auto learned_elsewhere = [&](const Dataset* source) {
    Contents contents(source);
    contents.add(pools.labeled, own);
    contents.add(pools.unlabeled, datasets.unlabeled ? datasets.unlabeled.get() : own);
    return contents;
  };
  if (const auto* const source = datasets.validation.get()) {
    auto learned = learned_elsewhere(source);
    Contents tested(source);
    tested.add(pools.test, test);
    for (const int64_t row : pools.validation.rows) {
      const auto *in_learned = learned.name_of(pools.validation, row), *in_tested = tested.name_of(pools.validation, row);
      if (in_learned == nullptr && in_tested == nullptr) continue;
      fail("the face {} of data.validation_source is also {}, as {}; take it out of one of the two",
           printable(pools.validation.dataset->records[row].name()), in_learned != nullptr ? "learned from" : "tested on",
           printable(in_learned != nullptr ? *in_learned : *in_tested));
    }
  }
  const auto learned = learned_elsewhere(test);
  const auto shared = std::count_if(pools.test.rows.begin(), pools.test.rows.end(),
                                    [&](int64_t row) { return learned.name_of(pools.test, row) != nullptr; });
  if (shared > 0)
    pools.remarks.push_back(
        fmt::format("warning: {} of {} test faces are also among those that are learned from, the same picture", grouped(shared),
                    grouped(pools.test.size())));
}

}  // namespace leaf
