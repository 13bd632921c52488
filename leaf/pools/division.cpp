#include "leaf/pools/division.h"

#include <algorithm>
#include <cmath>
#include <map>
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

/// Of Rng(split_seed); the halves are of Rng(kHalfSeed), so that runs of every split_seed are tested on the same half.
enum Stream : uint64_t { kHalfStream = 1, kTestStream, kValidationStream, kLabeledStream, kChoosingStream };
constexpr uint64_t kHalfSeed = 5;

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
      take_test(rest);
    } else {
      take_test(train);
      choose_random();
    }
    take_validation();
    name_unlearned();
  }

  /// Halves the validation part where there is nothing else to test on.
  void place_test() {
    const bool halves = !other_test_ && test.empty() && !validation.empty(), tunes = options_.test_half == "tune";
    if (tunes) check_tuning(halves);
    if (!halves) return;
    Rows first = validation;
    test = take(first, 0.5, Rng(kHalfSeed).split(kHalfStream));
    whole_validation_ = std::exchange(validation, first);
    if (tunes) test = std::exchange(validation, {});
    remark("test: half of the validation part, {} faces{}, since {} has no test part", counted(test),
           tunes ? " to tune on, the other half is kept to report on" : "", source_.name);
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

  /// Takes a share out of `rows`; what else there is of a subject that was taken is dropped, in `others` too.
  Rows take(Rows& rows, double share, const Rng& rng, Rows* others = nullptr) {
    std::vector<std::string> subjects;
    for (const int64_t row : rows) subjects.push_back(source_.records[row].subject);
    if (std::all_of(subjects.begin(), subjects.end(), [](const std::string& subject) { return subject.empty(); }))
      subjects.clear();
    const Rows taken = pick(rows, stratified_share(labels_of(rows), subjects, classes(), share, rng));
    remove(rows, taken);
    std::set<std::string> gone;
    for (const int64_t row : taken) gone.insert(source_.records[row].subject);
    gone.erase("");
    const auto drop = [&](int64_t row) { return gone.contains(source_.records[row].subject); };
    std::erase_if(rows, drop);
    if (others != nullptr) std::erase_if(*others, drop);
    return taken;
  }

  void place_parts() {
    place_test();
    if (!options_.train_on_validation || validation.empty()) return;
    const bool exact = options_.split == "authors" && !whole_validation_.empty();  // the authors choose from all of it
    const Rows& joined = exact ? whole_validation_ : validation;
    train.insert(train.end(), joined.begin(), joined.end());
    validation.clear();
    remark("the validation part joins the training faces");
  }

  /// Throws Error where there are no halves, or the half to report on would be learned from or chosen by.
  void check_tuning(bool halves) const {
    if (!halves)
      fail("data.test_half = tune takes a half of the validation part to test on, but {} {}; leave it out", source_.name,
           other_test_     ? "is not tested on"
           : !test.empty() ? "has a test part"
                           : "has no such part");
    if (options_.validation_source == "part" || options_.train_on_validation)
      fail("data.test_half = tune keeps the other half of the validation part of {} to report on; leave out {}", source_.name,
           options_.train_on_validation ? "data.train_on_validation" : "--validation part");
  }

  /// What is still missing for testing, out of the training faces or what is left of them.
  void take_test(Rows& rows) {
    if (other_test_ || !test.empty() || options_.test_share == 0) return;
    test = take(rows, options_.test_share, rng_.split(kTestStream));
    remark("test: {:g} % of the training faces with a label, {}, since {} has no test part", options_.test_share * 100,
           counted(test), source_.name);
  }

  /// The faces to choose by: those that somebody named outside of the budget, or a share of the labeled ones, or none.
  void take_validation() {
    if (options_.validation_source == "part") return take_named();
    if (!validation.empty() && options_.validation_source.empty())
      remark("the validation part of {}, {} faces, is not used: its labels are outside of data.labels (--validation part)",
             source_.name, counted(validation));
    validation.clear();
    if (options_.validation == 0) return;
    validation = take(labeled, options_.validation, rng_.split(kValidationStream), &rest);
    if (validation.empty())
      remark("warning: data.validation = {:g} takes no face, since no class can spare one of its labels", options_.validation);
  }

  void take_named() {
    const int64_t wanted = options_.validation_faces;
    const auto rng = rng_.split(kChoosingStream);
    if (!validation.empty()) {
      if (wanted == 0) return;
      check_choosing(options_, static_cast<int64_t>(validation.size()), fmt::format("the validation part of {}", source_.name));
      validation = pick(validation, split_as_they_come(labels_of(validation), wanted, rng).labeled);
      return;
    }
    if (wanted == 0)
      fail(
          "{} has no validation part to choose by; say with data.validation_faces how many of its other faces are labeled for "
          "it, "
          "or leave --validation out",
          source_.name);
    validation = take_others(wanted, rng);
  }

  /// Takes faces with a label out of `rest`, of subjects of whom none is learned, subject by subject where these are known; what
  /// else there is of them is dropped.
  Rows take_others(int64_t wanted, Rng rng) {
    std::set<std::string> learned;
    for (const int64_t row : labeled) learned.insert(source_.records[row].subject);
    learned.erase("");
    std::map<std::string, Rows> faces;  // by subject; a face without one is a subject of its own
    int64_t found = 0;
    for (const int64_t row : rest) {
      const auto& record = source_.records[row];
      if (record.label < 0 || learned.contains(record.subject)) continue;
      faces[record.subject.empty() ? record.name() : record.subject].push_back(row);
      ++found;
    }
    check_choosing(options_, found, fmt::format("what is not learned from of {}", source_.name));
    std::vector<std::string> order;
    for (const auto& [subject, rows] : faces) order.push_back(subject);
    rng.shuffle(order);
    Rows taken;
    std::set<std::string> gone;
    for (const auto& subject : order) {
      if (static_cast<int64_t>(taken.size()) >= wanted) break;
      gone.insert(subject);
      taken.insert(taken.end(), faces[subject].begin(), faces[subject].end());
    }
    taken.resize(wanted);
    std::sort(taken.begin(), taken.end());
    remove(rest, taken);
    std::erase_if(rest, [&](int64_t row) { return gone.contains(source_.records[row].subject); });
    return taken;
  }

  /// Says which classes have no labeled face.
  void name_unlearned() {
    const auto found = count_labels(labels_of(labeled), classes());
    std::vector<std::string> none;
    for (int64_t label = 0; label < classes(); ++label) {
      if (found[label] == 0) none.push_back(source_.classes[label]);
    }
    if (!none.empty())
      remark("warning: no labeled face of {} is learned from, so {} cannot be learned", join(none),
             none.size() == 1 ? "that class" : "these classes");
  }

  static std::string counted(const Rows& rows) { return grouped(static_cast<int64_t>(rows.size())); }

  void choose_authors() {
    const auto seed = static_cast<uint32_t>(options_.split_seed);
    const auto each = label_budget(options_, source_.classes, count_labels(labels_of(train), classes()));
    const auto split = authors_split(labels_of(train), source_.classes, each[0] * classes(), seed, authors_reseed(source_.name));
    labeled = pick(train, split.labeled);
    rest = pick(train, split.rest);
    remove(test, labeled);
    remove(rest, test);
  }

  void choose_random() {
    const auto labels = labels_of(train);
    const auto rng = rng_.split(kLabeledStream);
    const bool as_they_come = options_.split == "random" && options_.labels != 0;
    if (as_they_come && options_.labels != std::floor(options_.labels))
      fail_usage("data.labels must be a whole number, not {:g}; for a share set data.split = fraction", options_.labels);
    const auto split = as_they_come ? split_as_they_come(labels, static_cast<int64_t>(options_.labels), rng)
                                    : random_split(labels, source_.classes,
                                                   label_budget(options_, source_.classes, count_labels(labels, classes())), rng);
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

void check_choosing(const DataOptions& options, int64_t found, const std::string& where) {
  if (options.validation_faces > found)
    fail("data.validation_faces = {}, but {} has {} faces with a label to choose by; lower it", options.validation_faces, where,
         found);
}

Division test_part(const Dataset& source, const DataOptions& options) {
  Divider divider(source, options, /*other_test=*/false);
  divider.place_test();
  return {.labeled = {}, .rest = {}, .validation = {}, .test = std::move(divider.test), .remarks = std::move(divider.remarks)};
}

Division divide(const Dataset& source, const DataOptions& options, bool other_test) {
  Divider divider(source, options, other_test);
  divider.divide();
  // A test part is not used when another data set is tested on, and must not be learned from.
  if (other_test) divider.test.clear();
  return {std::move(divider.labeled), std::move(divider.rest), std::move(divider.validation), std::move(divider.test),
          std::move(divider.remarks)};
}

}  // namespace leaf
