#include "leaf/data/pools.h"

#include <algorithm>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/reading.h"
#include "leaf/data/split.h"

namespace leaf {
namespace {

using Rows = std::vector<int64_t>;

constexpr double kTestShare = 0.2;
enum Stream : uint64_t { kHalfStream = 1, kTestStream, kValidationStream, kLabeledStream };  // of Rng(split_seed)

/// The division under way: rows of the source.
class Divider {
 public:
  Divider(const Datasets& datasets, const DataOptions& options)
      : source_(*datasets.source), options_(options), rng_(static_cast<uint64_t>(options.split_seed)), other_test_(datasets.test != nullptr) {
    for (int64_t row = 0; row < source_.size(); ++row) {
      const auto& record = source_.records[row];
      if (record.part == Part::train) train.push_back(row);
      else if (record.label < 0) ++unusable_;
      else (record.part == Part::test ? test : validation).push_back(row);
    }
    if (unusable_ > 0) remark("{} faces of the validation and test parts have no label and are left out", grouped(unusable_));
  }

  void divide() {
    place_parts();
    if (options_.split == "authors" && options_.labels != 0) {
      choose_authors();
      take_shares(rest);
    } else {
      take_shares(train);
      choose_random();
    }
  }

  Rows train, validation, test, labeled, rest;
  std::vector<std::string> remarks;

 private:
  template <typename... Args>
  void remark(fmt::format_string<Args...> text, Args&&... args) {
    remarks.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  std::vector<int64_t> labels_of(const Rows& rows) const {
    std::vector<int64_t> labels;
    for (const int64_t row : rows) labels.push_back(source_.records[row].label);
    return labels;
  }

  int64_t classes() const { return static_cast<int64_t>(source_.classes.size()); }

  static Rows pick(const Rows& rows, const std::vector<int64_t>& positions) {
    Rows result;
    for (const int64_t position : positions) result.push_back(rows[position]);
    return result;
  }

  static void remove(Rows& rows, const Rows& taken) {
    const std::set<int64_t> gone(taken.begin(), taken.end());
    std::erase_if(rows, [&](int64_t row) { return gone.contains(row); });
  }

  /// Takes a share out of `rows`; what else there is of a subject that was taken is dropped.
  Rows take(Rows& rows, double share, Stream stream) {
    std::vector<std::string> subjects;
    for (const int64_t row : rows) subjects.push_back(source_.records[row].subject);
    if (std::all_of(subjects.begin(), subjects.end(), [](const std::string& subject) { return subject.empty(); })) subjects.clear();
    const Rows taken = pick(rows, stratified_share(labels_of(rows), subjects, classes(), share, rng_.split(stream)));
    remove(rows, taken);
    std::set<std::string> gone;
    for (const int64_t row : taken) gone.insert(source_.records[row].subject);
    gone.erase("");
    std::erase_if(rows, [&](int64_t row) { return gone.contains(source_.records[row].subject); });
    return taken;
  }

  void place_parts() {
    if (!other_test_ && test.empty() && !validation.empty()) {
      Rows first = validation;
      test = take(first, 0.5, kHalfStream);
      remark("test: half of the validation part, {} faces, since {} has no test part", grouped(static_cast<int64_t>(test.size())), source_.name);
      whole_validation_ = std::exchange(validation, first);
    }
    if (!options_.train_on_validation || validation.empty()) return;
    const bool exact = options_.split == "authors" && !whole_validation_.empty();  // the authors choose from all of it
    const Rows& joined = exact ? whole_validation_ : validation;
    train.insert(train.end(), joined.begin(), joined.end());
    validation.clear();
    remark("the validation part joins the training faces");
  }

  /// What is still missing for testing and choosing, out of the training faces or what is left of them.
  void take_shares(Rows& rows) {
    if (!other_test_ && test.empty()) {
      test = take(rows, kTestShare, kTestStream);
      remark("test: a fifth of the training faces, {}, since {} has no test part", grouped(static_cast<int64_t>(test.size())), source_.name);
    }
    if (!validation.empty()) return;
    validation = take(rows, options_.validation, kValidationStream);
    if (validation.empty()) return remark("no face is kept for choosing (data.validation = 0)");
    remark("validation: {:g} % of the training faces, {}", options_.validation * 100, grouped(static_cast<int64_t>(validation.size())));
  }

  void choose_authors() {
    const auto seed = static_cast<uint32_t>(options_.split_seed);
    const auto each = label_budget(options_, source_.classes, {});
    const auto split = authors_split(labels_of(train), source_.classes, each[0] * classes(), seed, authors_reseed(source_.name));
    labeled = pick(train, split.labeled);
    rest = pick(train, split.rest);
    remove(test, labeled);
    remove(rest, test);
  }

  void choose_random() {
    const auto labels = labels_of(train);
    const auto budget = label_budget(options_, source_.classes, count_labels(labels, classes()));
    const auto split = random_split(labels, source_.classes, budget, rng_.split(kLabeledStream));
    labeled = pick(train, split.labeled);
    rest = pick(train, split.rest);
  }

  const Dataset& source_;
  const DataOptions& options_;
  Rng rng_;
  bool other_test_;
  int64_t unusable_ = 0;
  Rows whole_validation_;
};

Pool test_pool_of(const Datasets& datasets, std::vector<std::string>& remarks) {
  int64_t left_out = 0;
  Pool pool{with_classes(datasets.test, datasets.source->classes, left_out), {}};
  const char* const kNames[] = {"test part", "validation part", "all"};
  for (int choice = 0; choice < 3 && pool.rows.empty(); ++choice) {
    int64_t foreign = 0;
    for (int64_t row = 0; row < pool.dataset->size(); ++row) {
      const auto& record = pool.dataset->records[row];
      if (choice < 2 && record.part != (choice == 0 ? Part::test : Part::validation)) continue;
      if (record.label >= 0) pool.rows.push_back(row);
      else ++foreign;
    }
    if (pool.rows.empty()) continue;
    remarks.push_back(fmt::format("test: {} of {}, {} faces", kNames[choice], pool.dataset->name, grouped(pool.size())));
    if (foreign > 0) remarks.push_back(fmt::format("{} test faces of classes that {} does not have are left out", grouped(foreign), datasets.source->name));
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
  return first.reader == second.reader &&
         (first.path == second.path || std::filesystem::weakly_canonical(first.path, code) == std::filesystem::weakly_canonical(second.path, code));
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
  const auto load = [&](const std::string& text, const DataOptions& how) { return std::make_shared<const Dataset>(load_dataset(text, how, threads, progress)); };
  Datasets datasets;
  datasets.source = load(options.source, options);
  if (!options.test.empty()) datasets.test = same_place(options.test, options.source) ? datasets.source : load(options.test, options);
  if (options.unlabeled.empty()) return datasets;
  auto every_class = options;
  every_class.classes = "all";  // labels are not looked at, so none can be left out
  datasets.unlabeled = same_place(options.unlabeled, options.source)  ? datasets.source
                       : same_place(options.unlabeled, options.test) ? datasets.test
                                                                     : load(options.unlabeled, every_class);
  return datasets;
}

Pools make_pools(const Datasets& datasets, const DataOptions& options) {
  if (!options.split_file.empty()) return read_split(options.split_file, datasets);
  if (datasets.source->classes.empty()) fail("{}: no face has a label, so nothing can be learned; give labels, or use it as data.unlabeled", datasets.source->name);
  if (datasets.test == datasets.source) fail("data.test names the same faces as data.source; leave it empty to test on a part of them");
  Divider divider(datasets, options);
  divider.divide();
  Pools pools;
  pools.labeled = {datasets.source, divider.labeled};
  pools.validation = {datasets.source, divider.validation};
  pools.remarks = divider.remarks;
  pools.test = datasets.test ? test_pool_of(datasets, pools.remarks) : Pool{datasets.source, divider.test};
  pools.unlabeled = datasets.unlabeled ? unlabeled_pool_of(datasets, pools) : Pool{datasets.source, divider.rest};
  if (options.labels != 0 && options.split != "fraction" && pools.labeled.size() != static_cast<int64_t>(options.labels)) {
    pools.remarks.push_back(fmt::format("{} labeled faces for {:g}: the same number of each class", grouped(pools.labeled.size()), options.labels));
  }
  return pools;
}

std::shared_ptr<const Dataset> with_classes(const std::shared_ptr<const Dataset>& dataset, const std::vector<std::string>& classes, int64_t& left_out) {
  std::vector<int64_t> index;
  for (const auto& name : dataset->classes) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    index.push_back(found == classes.end() ? kUnlabeled : found - classes.begin());
  }
  auto result = std::make_shared<Dataset>(*dataset);
  result->classes = classes;
  left_out = 0;
  for (auto& record : result->records) {
    record.label = record.label < 0 ? kUnlabeled : index[record.label];
    if (dataset->classes != classes) record.target.clear();
    if (record.label < 0) ++left_out;
  }
  return result;
}

}  // namespace leaf
