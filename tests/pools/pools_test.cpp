#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "leaf/data/expressions.h"
#include "leaf/pools/make_pools.h"
#include "leaf/pools/split.h"
#include "leaf/pools/split_file.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAreArray;
using testing::HasSubstr;

using MutableDataset = std::shared_ptr<Dataset>;

/// A data set without pictures: `count` faces of each class in each part named by its letters (r train, v validation, t test).
MutableDataset make(const std::string& name, size_t classes, int count, const std::string& parts, int unlabeled = 0) {
  auto dataset = std::make_shared<Dataset>();
  dataset->name = name;
  dataset->classes = expressions();
  dataset->classes.resize(classes);
  for (const char letter : parts) {
    for (int i = 0; i < count * static_cast<int>(classes) + (letter == 'r' ? unlabeled : 0); ++i) {
      Record record;
      record.path = fmt::format("{}/{}.png", letter, i);
      record.part = letter == 'r' ? Part::train : letter == 'v' ? Part::validation : Part::test;
      record.label = i < count * static_cast<int>(classes) ? i % static_cast<int>(classes) : kUnlabeled;
      dataset->records.push_back(record);
    }
  }
  return dataset;
}

std::vector<int64_t> counts(const Pool& pool) {
  std::vector<int64_t> labels;
  for (const int64_t row : pool.rows) labels.push_back(pool.dataset->records[row].label);
  return count_labels(labels, static_cast<int64_t>(pool.dataset->classes.size()));
}

std::map<Part, int64_t> parts(const Pool& pool) {
  std::map<Part, int64_t> result;
  for (const int64_t row : pool.rows) ++result[pool.dataset->records[row].part];
  return result;
}

void expect_partition(const Pools& pools, int64_t faces) {
  std::set<int64_t> all;
  for (const auto* pool : {&pools.labeled, &pools.unlabeled, &pools.validation, &pools.test}) {
    for (const int64_t row : pool->rows) EXPECT_TRUE(all.insert(row).second) << row;
  }
  EXPECT_EQ(static_cast<int64_t>(all.size()), faces);
}

DataOptions ask(double labels, const std::string& split = "per_class") {
  DataOptions options;
  options.labels = labels;
  options.split = split;
  return options;
}

TEST(Pools, KeepTheAuthorsParts) {
  const auto pools = make_pools({make("ferplus", 8, 20, "rvt", 5), nullptr, nullptr}, ask(24));
  EXPECT_THAT(counts(pools.labeled), Each(3));
  EXPECT_EQ(pools.unlabeled.size(), 8 * 17 + 5);
  EXPECT_EQ(parts(pools.validation), (std::map<Part, int64_t>{{Part::validation, 160}}));
  EXPECT_EQ(parts(pools.test), (std::map<Part, int64_t>{{Part::test, 160}}));
  expect_partition(pools, 485);
}

TEST(Pools, HalveAValidationPartWithoutATestPart) {
  const auto pools = make_pools({make("ferplus", 8, 20, "rv"), nullptr, nullptr}, ask(24));
  EXPECT_THAT(counts(pools.validation), Each(10));
  EXPECT_THAT(counts(pools.test), Each(10));
  EXPECT_EQ(parts(pools.test), (std::map<Part, int64_t>{{Part::validation, 80}}));
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("test: half of the validation part, 80 faces")));
  expect_partition(pools, 320);
}

TEST(Pools, TestTheSameFacesWhetherOrNotTheValidationPartIsLearned) {
  const Datasets datasets{make("ferplus", 8, 20, "rv"), nullptr, nullptr};
  auto options = ask(24);
  const auto without = make_pools(datasets, options);
  options.train_on_validation = true;
  const auto with = make_pools(datasets, options);
  EXPECT_THAT(with.test.rows, ElementsAreArray(without.test.rows));
  EXPECT_THAT(counts(with.validation), Each(3));  // a tenth of 30 of each class
  expect_partition(with, 320);
}

TEST(Pools, CarveWhatIsMissing) {
  const auto none = make_pools({make("expw", 7, 50, "r"), nullptr, nullptr}, ask(21));
  EXPECT_THAT(counts(none.test), Each(10));
  EXPECT_THAT(counts(none.validation), Each(4));
  EXPECT_THAT(counts(none.labeled), Each(3));
  expect_partition(none, 350);
  const auto test = make_pools({make("rafdb", 7, 50, "rt"), nullptr, nullptr}, ask(21));
  EXPECT_THAT(counts(test.test), Each(50));
  EXPECT_THAT(counts(test.validation), Each(5));
  expect_partition(test, 700);
  auto options = ask(21);
  options.validation = 0;
  const auto nothing = make_pools({make("rafdb", 7, 50, "rt"), nullptr, nullptr}, options);
  EXPECT_EQ(nothing.validation.size(), 0);
  EXPECT_THAT(nothing.remarks, Contains(HasSubstr("no face is kept for choosing")));
}

TEST(Pools, LabelEverythingForZero) {
  const auto pools = make_pools({make("rafdb", 7, 50, "rt", 9), nullptr, nullptr}, ask(0));
  EXPECT_THAT(counts(pools.labeled), Each(45));
  EXPECT_EQ(pools.unlabeled.size(), 9);
}

TEST(Pools, TakeTheAuthorsLabeledFacesExactly) {
  for (const std::string name : {"rafdb", "ferplus"}) {
    for (const std::string present : {"rt", "r", "rv"}) {
      const auto dataset = make(name, 7, 30, present);
      const auto pools = make_pools({dataset, nullptr, nullptr}, ask(21, "authors"));
      std::vector<int64_t> labels;
      for (int i = 0; i < 210; ++i) labels.push_back(dataset->records[i].label);
      const auto split = authors_split(labels, dataset->classes, 21, 5, name == "rafdb");
      EXPECT_THAT(pools.labeled.rows, ElementsAreArray(split.labeled));
      expect_partition(pools, dataset->size());
      std::vector<int64_t> rest;  // in the authors' order, less what was carved
      const std::set<int64_t> kept(pools.unlabeled.rows.begin(), pools.unlabeled.rows.end());
      for (const int64_t i : split.rest) {
        if (kept.contains(i)) rest.push_back(i);
      }
      EXPECT_THAT(pools.unlabeled.rows, ElementsAreArray(rest));
    }
  }
}

TEST(Pools, TakeTheAuthorsLabeledFacesFromTheValidationPartToo) {
  auto options = ask(80, "authors");
  options.train_on_validation = true;
  for (const std::string present : {"rvt", "rv"}) {
    const auto dataset = make("ferplus", 8, 30, present);
    const auto pools = make_pools({dataset, nullptr, nullptr}, options);
    std::vector<int64_t> labels;
    for (int i = 0; i < 480; ++i) labels.push_back(dataset->records[i].label);
    EXPECT_THAT(pools.labeled.rows, ElementsAreArray(authors_split(labels, dataset->classes, 80, 5, false).labeled));
    expect_partition(pools, dataset->size());
    EXPECT_GT(pools.test.size(), 60);
    EXPECT_GT(pools.validation.size(), 0);
  }
}

TEST(Pools, DependOnTheSeed) {
  const Datasets datasets{make("rafdb", 7, 50, "rt"), nullptr, nullptr};
  auto options = ask(21);
  const auto first = make_pools(datasets, options), again = make_pools(datasets, options);
  options.split_seed = 6;
  const auto other = make_pools(datasets, options);
  EXPECT_EQ(first.labeled.rows, again.labeled.rows);
  EXPECT_NE(first.labeled.rows, other.labeled.rows);
}

TEST(Pools, SayWhenAClassHasTooFewFaces) {
  EXPECT_THAT(error_of([] {
                make_pools({make("rafdb", 7, 10, "rt"), nullptr, nullptr}, ask(70));
              }),
              HasSubstr("10 labeled faces of neutral wanted, 9 found"));
  EXPECT_THAT(error_of([] {
                make_pools({make("folder", 0, 0, "r", 5), nullptr, nullptr}, ask(70));
              }),
              HasSubstr("no face has a label"));
}

TEST(Pools, SayWhenFewerAreLabeledThanAsked) {
  const auto pools = make_pools({make("rafdb", 7, 50, "rt"), nullptr, nullptr}, ask(100));
  EXPECT_EQ(pools.labeled.size(), 98);
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("98 labeled faces for 100")));
}

TEST(Pools, TakeUnlabeledFacesFromAnotherSet) {
  const auto source = make("rafdb", 7, 50, "rt"), other = make("folder", 3, 5, "rvt", 4);
  const auto pools = make_pools({source, other, nullptr}, ask(21));
  EXPECT_EQ(pools.unlabeled.dataset, other);
  EXPECT_EQ(pools.unlabeled.size(), 49);
}

TEST(Pools, NeverTestOnUnlabeledFaces) {
  const auto source = make("rafdb", 7, 50, "r"), other = make("ferplus", 8, 5, "rt");
  const auto pools = make_pools({source, other, other}, ask(21));
  EXPECT_EQ(pools.test.size(), 35);
  EXPECT_EQ(pools.unlabeled.size(), 45);
  for (const int64_t row : pools.unlabeled.rows) EXPECT_EQ(std::count(pools.test.rows.begin(), pools.test.rows.end(), row), 0);
  const auto same = make_pools({source, source, nullptr}, ask(21));
  expect_partition(same, 350);
}

TEST(Pools, MapTheClassesOfAnotherTestSetByName) {
  const auto source = make("rafdb", 7, 20, "rt"), other = make("ferplus", 8, 3, "rt");
  other->classes = {"fear", "contempt", "neutral", "happiness", "sadness", "surprise", "disgust", "anger"};
  const auto pools = make_pools({source, nullptr, other}, ask(21));
  EXPECT_EQ(pools.test.size(), 21);  // of the test part, without contempt
  EXPECT_EQ(pools.test.dataset->classes, source->classes);
  for (const int64_t row : pools.test.rows) {
    EXPECT_EQ(source->classes[pools.test.dataset->records[row].label], other->classes[other->records[row].label]);
  }
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("3 test faces of classes that rafdb does not have")));
  EXPECT_EQ(parts(pools.unlabeled).count(Part::test), 0u);
}

TEST(Pools, KeepSubjectsApart) {
  const auto dataset = make("ckplus", 8, 40, "r", 80);
  for (int64_t i = 0; i < dataset->size(); ++i) dataset->records[i].subject = fmt::format("S{:03}", i % 40);
  const auto pools = make_pools({dataset, nullptr, nullptr}, ask(16));
  std::map<std::string, std::set<int>> seen;
  const Pool* const all[] = {&pools.labeled, &pools.unlabeled, &pools.validation, &pools.test};
  for (int i = 0; i < 4; ++i) {
    for (const int64_t row : all[i]->rows) seen[dataset->records[row].subject].insert(i < 2 ? 0 : i);
  }
  for (const auto& [subject, pool] : seen) EXPECT_EQ(pool.size(), 1u) << subject;
  EXPECT_GT(pools.validation.size(), 0);
}

TEST(SplitFile, GivesTheSamePools) {
  TemporaryFolder folder;
  const auto source = make("rafdb", 7, 20, "r", 3), other = make("ferplus", 8, 3, "t");
  for (const auto& datasets : {Datasets{source, nullptr, nullptr}, Datasets{source, other, other}}) {
    auto options = ask(21);
    const auto pools = make_pools(datasets, options);
    save_split(folder / "split.json", pools, options);
    options.split_file = (folder / "split.json").string();
    options.labels = 70;
    options.split_seed = 99;
    const auto again = make_pools(datasets, options);
    EXPECT_EQ(again.labeled.rows, pools.labeled.rows);
    EXPECT_EQ(again.unlabeled.rows, pools.unlabeled.rows);
    EXPECT_EQ(again.validation.rows, pools.validation.rows);
    EXPECT_EQ(again.test.rows, pools.test.rows);
    EXPECT_EQ(again.test.dataset->classes, source->classes);
  }
}

TEST(SplitFile, FindsFacesByTheirNamesInAnotherOrder) {
  TemporaryFolder folder;
  const auto source = make("rafdb", 7, 20, "rt");
  source->records[3].box = {1, 2, 3, 4};
  const auto options = ask(21);
  const auto pools = make_pools({source, nullptr, nullptr}, options);
  save_split(folder / "split.json", pools, options);
  const auto shuffled = std::make_shared<Dataset>(*source);
  Rng(1).shuffle(shuffled->records);
  const auto again = read_split(folder / "split.json", {shuffled, nullptr, nullptr});
  ASSERT_EQ(again.labeled.size(), pools.labeled.size());
  for (int64_t i = 0; i < pools.labeled.size(); ++i) {
    EXPECT_EQ(shuffled->records[again.labeled.rows[i]].name(), source->records[pools.labeled.rows[i]].name());
  }
}

TEST(SplitFile, NamesWhatDoesNotFit) {
  TemporaryFolder folder;
  const auto path = folder / "split.json";
  const auto source = make("rafdb", 7, 20, "rt");
  const auto options = ask(21);
  save_split(path, make_pools({source, nullptr, nullptr}, options), options);
  const auto text = read_file(path);
  const auto error = [&](const MutableDataset& dataset) {
    return error_of([&] { read_split(path, {dataset, nullptr, nullptr}); });
  };
  EXPECT_EQ(error(source), "");

  const auto fewer = std::make_shared<Dataset>(*source);
  std::erase_if(fewer->records, [](const Record& record) { return record.path == "t/5.png" || record.path == "t/7.png"; });
  EXPECT_THAT(error(fewer), testing::AllOf(HasSubstr("split.json: 2 of 140 test faces are not in rafdb, the first is t/5.png")));
  EXPECT_THAT(error(make("rafdb", 8, 20, "rt")), HasSubstr("the split is for the classes"));
  EXPECT_THAT(error(make("ferplus", 7, 20, "rt")), HasSubstr("belong to \"rafdb\", but the data set is ferplus"));

  const auto changed = [&](const std::string& from, const std::string& to) {
    auto copy = text;
    copy.replace(copy.find(from), from.size(), to);
    put(path, copy);
    return error(source);
  };
  EXPECT_THAT(changed("\"version\": 1", "\"version\": 2"), HasSubstr("expected version 1 of a split, found 2"));
  EXPECT_THAT(changed("\"faces\"", "\"face\""), HasSubstr("has no list of faces"));
  EXPECT_THAT(changed("\"t/3.png\"", "\"t/4.png\""), HasSubstr("t/4.png is both test and test"));
  EXPECT_THAT(changed("\"t/3.png\"", "12"), HasSubstr("must be names, not 12"));
  EXPECT_THAT(changed("{", "["), HasSubstr("no JSON object"));
}

TEST(Datasets, AreLoadedOnceForEachPlace) {
  TemporaryFolder folder;
  put_ferplus(folder / "a", 16);
  put_face(folder / "b/1.png");
  DataOptions options;
  options.source = "ferplus:" + (folder / "a").string();
  options.unlabeled = options.source + "/";
  const auto same = load_datasets(options, 1);
  EXPECT_EQ(same.unlabeled, same.source);
  EXPECT_EQ(same.test, nullptr);
  options.unlabeled = "folder:" + (folder / "b").string();
  options.test = options.source;
  const auto other = load_datasets(options, 1);
  EXPECT_EQ(other.unlabeled->size(), 1);
  EXPECT_THAT(error_of([&] { make_pools(other, options); }), HasSubstr("data.test names the same faces as data.source"));
}

TEST(PretrainingPools, AreThoseOfTrainingWhereThereAreLabels) {
  const Datasets datasets{make("ferplus", 8, 20, "rvt", 5), nullptr, nullptr};
  const auto pools = pretraining_pools(datasets, ask(24)), same = make_pools(datasets, ask(24));
  EXPECT_EQ(pools.labeled.rows, same.labeled.rows);
  EXPECT_EQ(pools.unlabeled.rows, same.unlabeled.rows);
  EXPECT_EQ(pools.test.rows, same.test.rows);
}

TEST(PretrainingPools, TakeEveryTrainingFaceOfASourceWithoutLabels) {
  const auto dataset = make("folder", 8, 0, "r", 30);
  dataset->classes.clear();
  dataset->records.back().part = Part::test;
  const auto pools = pretraining_pools({dataset, nullptr, nullptr}, ask(0));
  EXPECT_EQ(pools.unlabeled.size(), 29);
  EXPECT_EQ(pools.labeled.size() + pools.validation.size() + pools.test.size(), 0);
  EXPECT_THROW(pretraining_pools({dataset, nullptr, nullptr}, ask(10)), Error);
  EXPECT_THROW(pretraining_pools({dataset, dataset, nullptr}, ask(0)), Error);
}

TEST(Joined, PutsThePoolsOneBehindTheOther) {
  const auto first = make("ferplus", 8, 2, "r"), second = make("rafdb", 7, 3, "r");
  EXPECT_EQ(joined({first, {3, 1}}, {first, {2}}).rows, (std::vector<int64_t>{3, 1, 2}));
  const auto both = joined({first, {3, 1}}, {second, {2}});
  EXPECT_EQ(both.rows, (std::vector<int64_t>{3, 1, 18}));
  EXPECT_EQ(both.dataset->records[18].path, second->records[2].path);
  EXPECT_EQ(both.dataset->records[18].label, kUnlabeled) << "of other classes";
  EXPECT_EQ(joined({first, {}}, {second, {2}}).dataset, second);
}

}  // namespace
}  // namespace leaf
