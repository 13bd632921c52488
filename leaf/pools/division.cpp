#include "leaf/pools/division.h"

#include <algorithm>
#include <set>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/base/text.h"
#include "leaf/data/readers/reading.h"
#include "leaf/pools/split.h"

namespace leaf {
namespace {

using Rows = std::vector<int64_t>;

constexpr double kTestShare = 0.2;
enum Stream : uint64_t { kHalfStream = 1, kTestStream, kValidationStream, kLabeledStream };  // of Rng(split_seed)

/// The division under way: rows of the source.
class Divider {
 public:
  Divider(const Dataset& source, const DataOptions& options, bool other_test)
      : source_(source), options_(options), rng_(static_cast<uint64_t>(options.split_seed)), other_test_(other_test) {
    for (int64_t row = 0; row < source_.size(); ++row) {
      const auto& record = source_.records[row];
      if (record.part == Part::train)
        train.push_back(row);
      else if (record.label < 0)
        ++unusable_;
      else
        (record.part == Part::test ? test : validation).push_back(row);
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
    if (std::all_of(subjects.begin(), subjects.end(), [](const std::string& subject) { return subject.empty(); }))
      subjects.clear();
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
      remark("test: half of the validation part, {} faces, since {} has no test part", grouped(static_cast<int64_t>(test.size())),
             source_.name);
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
      remark("test: a fifth of the training faces, {}, since {} has no test part", grouped(static_cast<int64_t>(test.size())),
             source_.name);
    }
    if (!validation.empty()) return;
    validation = take(rows, options_.validation, kValidationStream);
    if (validation.empty()) return remark("no face is kept for choosing (data.validation = 0)");
    remark("validation: {:g} % of the training faces, {}", options_.validation * 100,
           grouped(static_cast<int64_t>(validation.size())));
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

}  // namespace

Division divide(const Dataset& source, const DataOptions& options, bool other_test) {
  Divider divider(source, options, other_test);
  divider.divide();
  // A test part is not used when another data set is tested on, and must not be learned from.
  if (other_test) divider.test.clear();
  return {std::move(divider.labeled), std::move(divider.rest), std::move(divider.validation), std::move(divider.test),
          std::move(divider.remarks)};
}

}  // namespace leaf
