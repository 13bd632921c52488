#include "leaf/pools/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/record.h"
#include "leaf/pools/numpy_random.h"

namespace leaf {
namespace {

using Positions = std::vector<int64_t>;

Positions positions_of(const std::vector<int64_t>& labels, int64_t label) {
  Positions result;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == label) result.push_back(static_cast<int64_t>(i));
  }
  return result;
}

void check_budget(const std::string& name, int64_t wanted, size_t found) {
  if (wanted > static_cast<int64_t>(found)) {
    fail("{} labeled faces of {} wanted, {} found among the training faces; lower data.labels, or choose data.split = fraction",
         wanted, name, found);
  }
}

void append(Positions& to, Positions::const_iterator begin, Positions::const_iterator end) { to.insert(to.end(), begin, end); }

struct Budget {
  int64_t labels, fear, other;
};
constexpr Budget kAdaCm[] = {{100, 10, 15}, {400, 40, 60}, {1000, 100, 150}, {2000, 200, 300}, {4000, 250, 625}};

std::vector<int64_t> ada_cm_budget(double labels, const std::vector<std::string>& classes) {
  const bool fear = std::find(classes.begin(), classes.end(), "fear") != classes.end();
  if (classes.size() != 7 || !fear)
    fail_usage("data.split = ada_cm is for seven classes with fear, not for {}; use per_class", join(classes));
  for (const auto& budget : kAdaCm) {
    if (labels != static_cast<double>(budget.labels)) continue;
    std::vector<int64_t> result;
    for (const auto& name : classes) result.push_back(name == "fear" ? budget.fear : budget.other);
    return result;
  }
  fail_usage("data.labels must be 100, 400, 1000, 2000 or 4000 for data.split = ada_cm, not {:g}", labels);
}

std::vector<int64_t> equal_budget(double labels, size_t classes) {
  if (labels != std::floor(labels))
    fail_usage("data.labels must be a whole number, not {:g}; for a share set data.split = fraction", labels);
  const auto each = static_cast<int64_t>(labels) / static_cast<int64_t>(classes);
  if (each == 0) fail_usage("data.labels = {:g} is less than one face for each of {} classes", labels, classes);
  return std::vector<int64_t>(classes, each);
}

std::vector<int64_t> fraction_budget(double share, const std::vector<int64_t>& available) {
  if (share > 1)
    fail_usage("data.labels must be a share from 0 to 1 for data.split = fraction, not {:g}; for a number use per_class", share);
  std::vector<int64_t> result;
  for (const int64_t count : available) result.push_back(std::max<int64_t>(1, std::llround(share * static_cast<double>(count))));
  return result;
}

Positions share_of_subjects(const std::vector<int64_t>& labels, const std::vector<std::string>& subjects,
                            const std::vector<int64_t>& wanted, Rng rng) {
  std::map<std::string, Positions> faces;
  for (size_t i = 0; i < labels.size(); ++i) faces[subjects[i]].push_back(static_cast<int64_t>(i));
  std::vector<std::string> order;
  for (const auto& [subject, positions] : faces) order.push_back(subject);
  rng.shuffle(order);
  Positions result;
  std::vector<int64_t> have(wanted.size());
  for (const auto& subject : order) {
    const auto& positions = faces[subject];
    const auto needed = [&](int64_t i) { return labels[i] >= 0 && have[labels[i]] < wanted[labels[i]]; };
    if (std::none_of(positions.begin(), positions.end(), needed)) continue;
    for (const int64_t i : positions) {
      if (labels[i] < 0) continue;
      ++have[labels[i]];
      result.push_back(i);
    }
  }
  return result;
}

}  // namespace

Split authors_split(const std::vector<int64_t>& labels, const std::vector<std::string>& classes, int64_t labeled, uint32_t seed,
                    bool reseed) {
  const int64_t each = labeled / static_cast<int64_t>(classes.size());
  NumpyRandom stream(seed);
  const auto shuffle = [&](Positions& positions) {
    if (reseed) stream = NumpyRandom(seed);
    stream.shuffle(positions);
  };
  Split split;
  for (size_t label = 0; label < classes.size(); ++label) {
    auto positions = positions_of(labels, static_cast<int64_t>(label));
    check_budget(classes[label], each, positions.size());
    shuffle(positions);
    append(split.labeled, positions.begin(), positions.begin() + each);
    append(split.rest, positions.begin() + each, positions.end());
  }
  shuffle(split.labeled);
  shuffle(split.rest);
  const auto unknown = positions_of(labels, kUnlabeled);
  append(split.rest, unknown.begin(), unknown.end());
  return split;
}

bool authors_reseed(const std::string& dataset) { return dataset == "rafdb" || dataset == "affectnet7"; }

std::vector<int64_t> label_budget(const DataOptions& options, const std::vector<std::string>& classes,
                                  const std::vector<int64_t>& available) {
  std::vector<int64_t> budget = available;
  if (options.labels != 0) {
    budget = options.split == "ada_cm"     ? ada_cm_budget(options.labels, classes)
             : options.split == "fraction" ? fraction_budget(options.labels, available)
                                           : equal_budget(options.labels, classes.size());
  }
  for (int64_t& count : budget) count = std::max<int64_t>(1, count);  // a class without a labeled face cannot be learned
  return budget;
}

Split random_split(const std::vector<int64_t>& labels, const std::vector<std::string>& classes,
                   const std::vector<int64_t>& budget, const Rng& rng) {
  Split split;
  std::vector<bool> taken(labels.size());
  for (size_t label = 0; label < classes.size(); ++label) {
    auto positions = positions_of(labels, static_cast<int64_t>(label));
    check_budget(classes[label], budget[label], positions.size());
    rng.split(label).shuffle(positions);
    for (int64_t i = 0; i < budget[label]; ++i) taken[positions[i]] = true;
  }
  for (size_t i = 0; i < labels.size(); ++i) (taken[i] ? split.labeled : split.rest).push_back(static_cast<int64_t>(i));
  return split;
}

Positions stratified_share(const std::vector<int64_t>& labels, const std::vector<std::string>& subjects, int64_t classes,
                           double share, const Rng& rng) {
  std::vector<int64_t> wanted;
  for (const int64_t count : count_labels(labels, classes)) {
    wanted.push_back(share <= 0 || count == 0 ? 0 : std::max<int64_t>(1, std::llround(share * static_cast<double>(count))));
  }
  Positions result;
  if (!subjects.empty()) {
    result = share_of_subjects(labels, subjects, wanted, rng.split(0));
  } else {
    for (int64_t label = 0; label < classes; ++label) {
      auto positions = positions_of(labels, label);
      rng.split(static_cast<uint64_t>(label)).shuffle(positions);
      append(result, positions.begin(), positions.begin() + wanted[label]);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<int64_t> count_labels(const std::vector<int64_t>& labels, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes));
  for (const int64_t label : labels) {
    if (label >= 0) ++counts.at(static_cast<size_t>(label));
  }
  return counts;
}

}  // namespace leaf
