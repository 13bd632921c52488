#include "leaf/pools/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/record.h"
#include "leaf/pools/numpy_random.h"

namespace leaf {
namespace {

using Positions = std::vector<int64_t>;

constexpr int64_t kFewest = 5;  ///< faces of a class of which some can be spared

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

/// The classes with the most faces get one each where there are fewer labels than classes.
std::vector<int64_t> equal_budget(double labels, const std::vector<int64_t>& available) {
  if (labels != std::floor(labels))
    fail_usage("data.labels must be a whole number, not {:g}; for a share set data.split = fraction", labels);
  const auto wanted = static_cast<int64_t>(labels), classes = static_cast<int64_t>(available.size());
  std::vector<int64_t> budget(available.size(), wanted / classes);
  if (wanted >= classes) return budget;
  std::vector<size_t> order(available.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return available[a] > available[b]; });
  for (int64_t i = 0; i < wanted; ++i) budget[order[i]] = 1;
  return budget;
}

std::vector<int64_t> fraction_budget(double share, const std::vector<int64_t>& available) {
  if (share > 1)
    fail_usage("data.labels must be a share from 0 to 1 for data.split = fraction, not {:g}; for a number use per_class", share);
  std::vector<int64_t> result;
  for (const int64_t count : available) result.push_back(std::max<int64_t>(1, std::llround(share * static_cast<double>(count))));
  return result;
}

/// Both lists ascend.
Split divided(const std::vector<bool>& taken) {
  Split split;
  for (size_t i = 0; i < taken.size(); ++i) (taken[i] ? split.labeled : split.rest).push_back(static_cast<int64_t>(i));
  return split;
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
    const auto precious = [&](int64_t i) { return labels[i] >= 0 && wanted[labels[i]] == 0; };
    if (std::any_of(positions.begin(), positions.end(), precious)) continue;
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
  if (options.labels == 0) return available;
  if (options.split == "ada_cm") return ada_cm_budget(options.labels, classes);
  const auto wanted =
      options.split == "fraction" ? fraction_budget(options.labels, available) : equal_budget(options.labels, available);
  if (options.split == "authors") {
    if (options.labels < static_cast<double>(classes.size()))
      fail_usage(
          "data.labels = {:g} is less than one face for each of {} classes, which data.split = authors takes; use per_class",
          options.labels, classes.size());
    return wanted;
  }
  std::vector<int64_t> budget;
  for (size_t label = 0; label < wanted.size(); ++label) budget.push_back(std::min(wanted[label], available[label]));
  return budget;
}

Split random_split(const std::vector<int64_t>& labels, const std::vector<std::string>& classes,
                   const std::vector<int64_t>& budget, const Rng& rng) {
  std::vector<bool> taken(labels.size());
  for (size_t label = 0; label < classes.size(); ++label) {
    auto positions = positions_of(labels, static_cast<int64_t>(label));
    check_budget(classes[label], budget[label], positions.size());
    rng.split(label).shuffle(positions);
    for (int64_t i = 0; i < budget[label]; ++i) taken[positions[i]] = true;
  }
  return divided(taken);
}

Split split_as_they_come(const std::vector<int64_t>& labels, int64_t count, const Rng& rng) {
  Positions known;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) known.push_back(static_cast<int64_t>(i));
  }
  Rng(rng).shuffle(known);
  std::vector<bool> taken(labels.size());
  for (int64_t i = 0; i < std::min(count, static_cast<int64_t>(known.size())); ++i) taken[known[i]] = true;
  return divided(taken);
}

Positions stratified_share(const std::vector<int64_t>& labels, const std::vector<std::string>& subjects, int64_t classes,
                           double share, const Rng& rng) {
  std::vector<int64_t> wanted;
  for (const int64_t count : count_labels(labels, classes)) {
    const auto part = static_cast<int64_t>(std::llround(share * static_cast<double>(count)));
    wanted.push_back(share <= 0 || count < kFewest ? 0 : std::clamp<int64_t>(part, 1, count - 1));
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
