#include "leaf/pools/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/data/expressions.h"
#include "leaf/data/record.h"
#include "tests/data/trees.h"
#include "tests/shared.h"

namespace leaf {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

std::vector<std::string> first_classes(size_t count) {
  auto classes = expressions();
  classes.resize(count);
  return classes;
}

std::vector<int64_t> random_labels(int64_t n, int64_t classes, uint64_t seed, bool unknown) {
  Rng rng(seed);
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < n; ++i) labels.push_back(rng.below(classes + unknown) - unknown);
  return labels;
}

TEST(AuthorsSplit, EqualsTheAuthorsLists) {
  LEAF_NEEDS_SHARED(path, "goldens/split.json");
  const auto cases = nlohmann::json::parse(read_file(path));
  ASSERT_EQ(cases.size(), 3u);
  for (const auto& expected : cases) {
    std::vector<int64_t> labels;
    for (const auto& label : expected["labels"]) labels.push_back(label.get<int64_t>() - expected["first_label"].get<int64_t>());
    const auto split = authors_split(labels, first_classes(expected["classes"]), expected["n_labeled"], expected["seed"],
                                     expected["reseed_before_every_shuffle"]);
    EXPECT_THAT(split.labeled, ElementsAreArray(expected["labeled"].get<std::vector<int64_t>>()));
    EXPECT_EQ(static_cast<int64_t>(split.rest.size()), expected["unlabeled_count"]);
    const std::vector<int64_t> first(split.rest.begin(), split.rest.begin() + 200);
    EXPECT_THAT(first, ElementsAreArray(expected["unlabeled_first_200"].get<std::vector<int64_t>>()));
  }
}

TEST(AuthorsSplit, PutsFacesWithoutALabelLast) {
  const auto split = authors_split({-1, 0, 1, 0, 1, -1}, first_classes(2), 2, 5, true);
  EXPECT_EQ(split.labeled.size(), 2u);
  EXPECT_THAT(std::vector<int64_t>(split.rest.end() - 2, split.rest.end()), ElementsAre(0, 5));
}

TEST(AuthorsSplit, ReseedsForTheTwoDataSets) {
  EXPECT_TRUE(authors_reseed("rafdb"));
  EXPECT_TRUE(authors_reseed("affectnet7"));
  EXPECT_FALSE(authors_reseed("ferplus"));
  EXPECT_FALSE(authors_reseed("affectnet8"));
}

TEST(Split, PartitionsTheFaces) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const int64_t classes = 2 + static_cast<int64_t>(seed) % 7;
    const auto labels = random_labels(400, classes, seed, seed % 2 == 0);
    const auto names = first_classes(static_cast<size_t>(classes));
    const std::vector<int64_t> budget(static_cast<size_t>(classes), 3);
    for (const auto& split : {random_split(labels, names, budget, Rng(seed)),
                              authors_split(labels, names, 3 * classes, static_cast<uint32_t>(seed), seed % 3 == 0)}) {
      std::vector<int64_t> all = split.labeled;
      all.insert(all.end(), split.rest.begin(), split.rest.end());
      std::sort(all.begin(), all.end());
      std::vector<int64_t> expected(labels.size());
      std::iota(expected.begin(), expected.end(), 0);
      ASSERT_EQ(all, expected);
      std::vector<int64_t> chosen;
      for (const int64_t i : split.labeled) chosen.push_back(labels[i]);
      EXPECT_EQ(count_labels(chosen, classes), budget);
    }
  }
}

TEST(Split, DependsOnTheSeedAlone) {
  const auto labels = random_labels(300, 7, 1, false);
  const std::vector<int64_t> budget(7, 10);
  EXPECT_EQ(random_split(labels, first_classes(7), budget, Rng(1)).labeled,
            random_split(labels, first_classes(7), budget, Rng(1)).labeled);
  EXPECT_NE(random_split(labels, first_classes(7), budget, Rng(1)).labeled,
            random_split(labels, first_classes(7), budget, Rng(2)).labeled);
}

TEST(Split, NamesTheClassWithTooFewFaces) {
  const auto expected = HasSubstr("3 labeled faces of happiness wanted, 2 found");
  EXPECT_THAT(error_of([] { random_split({0, 0, 0, 1, 1}, first_classes(2), {3, 3}, Rng(0)); }), expected);
  EXPECT_THAT(error_of([] { authors_split({0, 0, 0, 1, 1}, first_classes(2), 6, 5, false); }), expected);
}

DataOptions rule(const std::string& split, double labels) {
  DataOptions options;
  options.split = split;
  options.labels = labels;
  return options;
}

TEST(LabelBudget, IsAdaCmsForSevenClasses) {
  const std::vector<int64_t> available(7, 5000);
  const int64_t expected[][3] = {{100, 10, 15}, {400, 40, 60}, {1000, 100, 150}, {2000, 200, 300}, {4000, 250, 625}};
  for (const auto& [labels, fear, other] : expected) {
    const auto budget = label_budget(rule("ada_cm", static_cast<double>(labels)), first_classes(7), available);
    EXPECT_THAT(budget, ElementsAre(other, other, other, other, other, other, fear));
    EXPECT_EQ(std::accumulate(budget.begin(), budget.end(), int64_t{0}), labels);
  }
  EXPECT_THROW(label_budget(rule("ada_cm", 200), first_classes(7), available), UsageError);
  EXPECT_THROW(label_budget(rule("ada_cm", 100), first_classes(8), std::vector<int64_t>(8, 5000)), UsageError);
}

TEST(LabelBudget, IsTheSameForEachClassOrAShare) {
  const std::vector<int64_t> available = {1000, 10, 4};
  EXPECT_THAT(label_budget(rule("per_class", 11), first_classes(3), available), Each(3));
  EXPECT_THAT(label_budget(rule("authors", 9), first_classes(3), available), Each(3));
  EXPECT_THAT(label_budget(rule("fraction", 0.1), first_classes(3), available), ElementsAre(100, 1, 1));
  EXPECT_THAT(label_budget(rule("per_class", 0), first_classes(3), available), ElementsAre(1000, 10, 4));
  EXPECT_THAT(label_budget(rule("per_class", 2), first_classes(3), available), ElementsAre(1, 1, 0));
  EXPECT_THAT(label_budget(rule("per_class", 1), first_classes(3), {4, 10, 4}), ElementsAre(0, 1, 0));
  EXPECT_THAT(label_budget(rule("per_class", 30), first_classes(3), available), ElementsAre(10, 10, 4)) << "what is there";
  EXPECT_THAT(label_budget(rule("fraction", 0.5), first_classes(3), {10, 1, 0}), ElementsAre(5, 1, 0));
  EXPECT_THROW(label_budget(rule("authors", 2), first_classes(3), available), UsageError);
  EXPECT_THROW(label_budget(rule("per_class", 10.5), first_classes(3), available), UsageError);
  EXPECT_THROW(label_budget(rule("fraction", 1.5), first_classes(3), available), UsageError);
}

TEST(SplitAsTheyCome, TakesAnyFaceWithALabel) {
  std::vector<int64_t> labels(90, 0);
  labels.insert(labels.end(), 10, 1);
  labels.insert(labels.end(), 30, kUnlabeled);
  const auto split = split_as_they_come(labels, 50, Rng(1));
  ASSERT_EQ(split.labeled.size(), 50u);
  EXPECT_EQ(split.rest.size(), 80u);
  EXPECT_TRUE(std::is_sorted(split.labeled.begin(), split.labeled.end()));
  int64_t rare = 0;
  for (const int64_t i : split.labeled) {
    ASSERT_NE(labels[i], kUnlabeled);
    rare += labels[i];
  }
  EXPECT_GT(rare, 0);
  EXPECT_LT(rare, 10) << "about a tenth of 50";
  EXPECT_EQ(split_as_they_come(labels, 1000, Rng(1)).labeled.size(), 100u) << "there are no more";
  EXPECT_EQ(split_as_they_come(labels, 50, Rng(1)).labeled, split.labeled);
  EXPECT_NE(split_as_they_come(labels, 50, Rng(2)).labeled, split.labeled);
}

TEST(StratifiedShare, TakesAShareOfEachClassThatHasFiveFaces) {
  std::vector<int64_t> labels(100, 0);
  labels.insert(labels.end(), 20, 1);
  labels.insert(labels.end(), 4, 2);
  labels.insert(labels.end(), 5, 3);
  labels.insert(labels.end(), 30, kUnlabeled);
  const auto taken = [&](double share) {
    std::vector<int64_t> chosen;
    for (const int64_t i : stratified_share(labels, {}, 5, share, Rng(3))) chosen.push_back(labels.at(i));
    EXPECT_THAT(chosen, testing::Not(testing::Contains(kUnlabeled)));
    return count_labels(chosen, 5);
  };
  EXPECT_THAT(taken(0.1), ElementsAre(10, 2, 0, 1, 0));
  EXPECT_THAT(taken(0.9), ElementsAre(90, 18, 0, 4, 0)) << "never a whole class";
  EXPECT_THAT(taken(0), Each(0));
}

TEST(StratifiedShare, LeavesSubjectsWithAFaceOfASmallClass) {
  std::vector<int64_t> labels;
  std::vector<std::string> subjects;
  for (int64_t i = 0; i < 40; ++i) {
    labels.push_back(i % 10 == 9 ? 1 : 0);  // four faces of class 1, of subjects 1, 3, 5 and 7
    subjects.push_back(std::to_string(i / 5));
  }
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto share = stratified_share(labels, subjects, 2, 0.2, Rng(seed));
    EXPECT_GE(share.size(), 7u);
    for (const int64_t i : share) EXPECT_EQ(i / 5 % 2, 0) << i;
  }
}

TEST(StratifiedShare, KeepsSubjectsTogether) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto labels = random_labels(200, 4, seed, true);
    std::vector<std::string> subjects;
    for (size_t i = 0; i < labels.size(); ++i) subjects.push_back(std::to_string(i / 5));
    const auto share = stratified_share(labels, subjects, 4, 0.2, Rng(seed));
    const std::set<int64_t> taken(share.begin(), share.end());
    std::set<std::string> inside;
    for (const int64_t i : share) inside.insert(subjects[i]);
    std::vector<int64_t> chosen;
    for (const int64_t i : share) chosen.push_back(labels[i]);
    const auto all = count_labels(labels, 4), have = count_labels(chosen, 4);
    for (int c = 0; c < 4; ++c) EXPECT_GE(have[c], std::max<int64_t>(1, std::llround(0.2 * static_cast<double>(all[c]))));
    for (int64_t i = 0; i < 200; ++i) EXPECT_EQ(taken.contains(i), labels[i] >= 0 && inside.contains(subjects[i]));
  }
}

}  // namespace
}  // namespace leaf
