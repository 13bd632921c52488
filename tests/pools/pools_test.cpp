#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "leaf/data/expressions.h"
#include "leaf/pools/division.h"
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
  dataset->faces = store_in_memory(std::vector<StoredFace>(dataset->records.size(), pack_face(Image(1, 1, {1, 2, 3}))));
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
  const Datasets datasets{make("ferplus", 8, 20, "rvt", 5), nullptr, nullptr};
  auto options = ask(24);
  const auto pools = make_pools(datasets, options);
  EXPECT_THAT(counts(pools.labeled), Each(3));
  EXPECT_EQ(pools.unlabeled.size(), 8 * 17 + 5);
  EXPECT_EQ(pools.validation.size(), 0) << "its labels are outside of the budget";
  EXPECT_EQ(parts(pools.test), (std::map<Part, int64_t>{{Part::test, 160}}));
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("the validation part of ferplus, 160 faces, is not used")));
  expect_partition(pools, 325);
  options.validation_source = "part";
  const auto named = make_pools(datasets, options);
  EXPECT_EQ(parts(named.validation), (std::map<Part, int64_t>{{Part::validation, 160}}));
  EXPECT_TRUE(named.validation_outside);
  EXPECT_EQ(named.labeled.rows, pools.labeled.rows);
  EXPECT_EQ(named.unlabeled.rows, pools.unlabeled.rows);
  expect_partition(named, 485);
  options.validation_faces = 30;
  EXPECT_EQ(make_pools(datasets, options).validation.size(), 30);
  options.validation_faces = 161;
  EXPECT_EQ(error_of([&] { make_pools(datasets, options); }),
            "data.validation_faces = 161, but the validation part of ferplus has 160 faces with a label to choose by; lower it");
}

TEST(Pools, HalveAValidationPartWithoutATestPart) {
  const Datasets datasets{make("ferplus", 8, 20, "rv"), nullptr, nullptr};
  auto options = ask(24);
  const auto pools = make_pools(datasets, options);
  EXPECT_EQ(pools.validation.size(), 0);
  EXPECT_THAT(counts(pools.test), Each(10));
  EXPECT_EQ(parts(pools.test), (std::map<Part, int64_t>{{Part::validation, 80}}));
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("test: half of the validation part, 80 faces, since")));
  expect_partition(pools, 240);
  options.validation_source = "part";
  const auto named = make_pools(datasets, options);
  EXPECT_THAT(counts(named.validation), Each(10));
  EXPECT_EQ(named.test.rows, pools.test.rows);
  expect_partition(named, 320);
}

TEST(Pools, TestOnTheSameHalfWhateverTheSeed) {
  const Datasets datasets{make("ferplus", 8, 20, "rv"), nullptr, nullptr};
  auto options = ask(24);
  const auto usual = make_pools(datasets, options);
  options.split_seed = 6;
  const auto other = make_pools(datasets, options);
  EXPECT_NE(other.labeled.rows, usual.labeled.rows);
  EXPECT_EQ(other.test.rows, usual.test.rows);
  EXPECT_EQ(test_part(*datasets.source, options).test, usual.test.rows);
  EXPECT_THAT(test_part(*datasets.source, options).remarks, Contains(HasSubstr("test: half of the validation part, 80 faces")));
  const auto with_test = make("ferplus", 8, 20, "rvt"), train_alone = make("ferplus", 8, 20, "r");
  EXPECT_EQ(test_part(*with_test, options).test, make_pools({with_test, nullptr, nullptr}, options).test.rows);
  EXPECT_TRUE(test_part(*train_alone, options).test.empty());
}

TEST(Pools, TestOnTheOtherHalfToTune) {
  const Datasets datasets{make("ferplus", 8, 20, "rv"), nullptr, nullptr};
  auto options = ask(24);
  const auto report = make_pools(datasets, options);
  options.test_half = "tune";
  const auto tune = make_pools(datasets, options);
  EXPECT_THAT(counts(tune.test), Each(10));
  for (const int64_t row : tune.test.rows) EXPECT_THAT(report.test.rows, testing::Not(Contains(row)));
  EXPECT_EQ(tune.labeled.rows, report.labeled.rows);
  EXPECT_EQ(tune.unlabeled.rows, report.unlabeled.rows);
  EXPECT_EQ(tune.validation.size(), 0);
  EXPECT_EQ(to_text(labels_spent(tune, options)), "24 labels to learn, none to choose the best epoch, 80 more to tune on");

  auto both = options;
  both.validation_source = "part";
  EXPECT_THAT(error_of([&] { make_pools(datasets, both); }), HasSubstr("to report on; leave out --validation part"));
  both = options;
  both.train_on_validation = true;
  EXPECT_THAT(error_of([&] { make_pools(datasets, both); }), HasSubstr("leave out data.train_on_validation"));
  const auto refusal = [&](const Datasets& other) { return error_of([&] { make_pools(other, options); }); };
  EXPECT_THAT(refusal({make("rafdb", 7, 20, "rt"), nullptr, nullptr}), HasSubstr("but rafdb has a test part; leave it out"));
  EXPECT_THAT(refusal({make("rafdb", 7, 20, "r"), nullptr, nullptr}), HasSubstr("but rafdb has no such part"));
  EXPECT_THAT(refusal({make("ferplus", 8, 20, "rv"), nullptr, make("rafdb", 7, 20, "t")}), HasSubstr("is not tested on"));
}

TEST(Pools, TestTheSameFacesWhetherOrNotTheValidationPartIsLearned) {
  const Datasets datasets{make("ferplus", 8, 20, "rv"), nullptr, nullptr};
  auto options = ask(24);
  const auto without = make_pools(datasets, options);
  options.train_on_validation = true;
  const auto with = make_pools(datasets, options);
  EXPECT_THAT(with.test.rows, ElementsAreArray(without.test.rows));
  expect_partition(with, 320);
}

TEST(Pools, CarveWhatIsMissing) {
  const Datasets none{make("expw", 7, 50, "r"), nullptr, nullptr};
  auto options = ask(21);
  const auto fifth = make_pools(none, options);
  EXPECT_THAT(counts(fifth.test), Each(10));
  EXPECT_THAT(counts(fifth.labeled), Each(3));
  EXPECT_THAT(fifth.remarks, Contains(HasSubstr("test: 20 % of the training faces with a label, 70,")));
  expect_partition(fifth, 350);
  options.test_share = 0.5;
  EXPECT_THAT(counts(make_pools(none, options).test), Each(25));
  options.test_share = 0;
  const auto untested = make_pools(none, options);
  EXPECT_EQ(untested.test.size(), 0);
  expect_partition(untested, 350);
  const auto test = make_pools({make("rafdb", 7, 50, "rt"), nullptr, nullptr}, options);
  EXPECT_THAT(counts(test.test), Each(50)) << "there is something else to test on";
}

TEST(Pools, ChooseByAShareOfTheLabels) {
  const Datasets datasets{make("rafdb", 7, 50, "rt"), nullptr, nullptr};
  auto options = ask(70);
  const auto plain = make_pools(datasets, options);
  EXPECT_EQ(plain.validation.size(), 0);
  EXPECT_EQ(to_text(labels_spent(plain, options)), "70 labels to learn, none to choose the best epoch, 350 more to test");
  options.validation = 0.2;
  const auto pools = make_pools(datasets, options);
  EXPECT_THAT(counts(pools.labeled), Each(8));
  EXPECT_THAT(counts(pools.validation), Each(2));
  EXPECT_FALSE(pools.validation_outside);
  EXPECT_EQ(pools.unlabeled.rows, plain.unlabeled.rows);
  EXPECT_EQ(to_text(labels_spent(pools, options)), "56 labels to learn, 14 to choose the best epoch, 350 more to test");
  expect_partition(pools, 700);
  options.labels = 28;  // four of each class
  const auto few = make_pools(datasets, options);
  EXPECT_THAT(counts(few.labeled), Each(4)) << "nobody can spare one";
  EXPECT_THAT(few.remarks, Contains("warning: data.validation = 0.2 takes no face, since no class can spare one of its labels"));
}

TEST(Pools, ChooseByTrainingFacesWhereThatIsAskedFor) {
  const Datasets datasets{make("rafdb", 7, 50, "rt", 30), nullptr, nullptr};
  auto options = ask(70);
  options.validation_source = "part";
  EXPECT_THAT(error_of([&] { make_pools(datasets, options); }), HasSubstr("rafdb has no validation part to choose by; say with"));
  options.validation_faces = 40;
  const auto pools = make_pools(datasets, options);
  EXPECT_EQ(pools.labeled.size(), 70) << "the budget stays whole";
  EXPECT_EQ(pools.validation.size(), 40);
  EXPECT_TRUE(pools.validation_outside);
  EXPECT_EQ(to_text(labels_spent(pools, options)),
            "70 labels to learn, 40 to choose the best epoch (outside of the budget), 350 more to test");
  expect_partition(pools, 730);
  options.validation_faces = 281;
  EXPECT_EQ(
      error_of([&] { make_pools(datasets, options); }),
      "data.validation_faces = 281, but what is not learned from of rafdb has 280 faces with a label to choose by; lower it");
}

TEST(Pools, ChooseByAnotherSource) {
  const auto source = make("rafdb", 7, 20, "rt"), other = make("ferplus", 8, 6, "rvt");
  other->classes = {"fear", "contempt", "neutral", "happiness", "sadness", "surprise", "disgust", "anger"};
  auto options = ask(21);
  options.validation_source = "ferplus:elsewhere";
  const Datasets datasets{source, nullptr, nullptr, nullptr, other};
  const auto pools = make_pools(datasets, options);
  EXPECT_EQ(parts(pools.validation), (std::map<Part, int64_t>{{Part::validation, 42}}));
  EXPECT_THAT(counts(pools.validation), Each(6));
  EXPECT_EQ(pools.validation.dataset->classes, source->classes);
  EXPECT_TRUE(pools.validation_outside);
  EXPECT_THAT(pools.remarks, Contains("validation: validation part of ferplus, 42 faces"));
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("6 validation faces of classes that rafdb does not have")));
  options.validation_faces = 10;
  EXPECT_EQ(make_pools(datasets, options).validation.size(), 10);
  options.validation_faces = 43;
  EXPECT_THAT(error_of([&] { make_pools(datasets, options); }), HasSubstr("but ferplus has 42 faces with a label"));
  options.validation_faces = 0;
  const auto foreign = make("folder", 7, 6, "r");
  foreign->classes = {"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_THAT(error_of([&] {
                make_pools({source, nullptr, nullptr, nullptr, foreign}, options);
              }),
              HasSubstr("choose another data.validation_source"));
}

TEST(Pools, LabelEverythingForZero) {
  const auto pools = make_pools({make("rafdb", 7, 50, "rt", 9), nullptr, nullptr}, ask(0));
  EXPECT_THAT(counts(pools.labeled), Each(50));
  EXPECT_EQ(pools.unlabeled.size(), 9);
}

TEST(Pools, LabelFacesAsTheyCome) {
  const auto dataset = make("expw", 2, 50, "rt");
  for (auto& record : dataset->records) record.label = record.path.ends_with("9.png") ? 1 : 0;  // one in ten
  const auto pools = make_pools({dataset, nullptr, nullptr}, ask(40, "random"));
  EXPECT_EQ(pools.labeled.size(), 40);
  EXPECT_LT(counts(pools.labeled)[1], 10);
  expect_partition(pools, 200);
  const auto all = make_pools({dataset, nullptr, nullptr}, ask(4000, "random"));
  EXPECT_EQ(all.labeled.size(), 100);
  EXPECT_THAT(all.remarks, Contains("100 labels for 4000: there are no more"));
  EXPECT_THROW(make_pools({dataset, nullptr, nullptr}, ask(10.5, "random")), UsageError);
}

TEST(Pools, LabelFewerFacesThanThereAreClasses) {
  const auto dataset = make("rafdb", 7, 50, "rt");
  for (const double labels : {1., 5.}) {
    const auto pools = make_pools({dataset, nullptr, nullptr}, ask(labels));
    EXPECT_EQ(pools.labeled.size(), static_cast<int64_t>(labels));
    EXPECT_THAT(pools.remarks, Contains(HasSubstr(labels == 5 ? "warning: no labeled face of disgust, fear is learned from"
                                                              : "no labeled face of happiness, surprise, ")));
  }
}

TEST(Pools, LeaveAClassWithFewFacesWhole) {
  const auto dataset = make("folder", 7, 40, "r");
  int64_t disgusted = 0;
  std::erase_if(dataset->records, [&](const Record& record) { return record.label == 5 && ++disgusted > 1; });
  for (const std::string split : {"per_class", "random"}) {
    auto options = ask(0, split);
    options.validation = 0.2;
    const auto pools = make_pools({dataset, nullptr, nullptr}, options);
    EXPECT_EQ(counts(pools.labeled)[5], 1) << split;
    EXPECT_EQ(counts(pools.test)[5], 0);
    EXPECT_EQ(counts(pools.validation)[5], 0);
    EXPECT_EQ(counts(pools.validation)[0], 6);
    EXPECT_EQ(counts(pools.test)[0], 8);
  }
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
      expect_partition(pools, present == "rv" ? 315 : dataset->size());  // half of the validation part is not used
      std::vector<int64_t> rest;                                         // in the authors' order, less what was carved
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
                make_pools({make("rafdb", 7, 10, "rt"), nullptr, nullptr}, ask(77, "authors"));
              }),
              HasSubstr("11 labeled faces of neutral wanted, 10 found"));
  EXPECT_THAT(error_of([] {
                make_pools({make("folder", 0, 0, "r", 5), nullptr, nullptr}, ask(70));
              }),
              HasSubstr("no face has a label"));
}

TEST(Pools, SayWhenFewerAreLabeledThanAsked) {
  const auto dataset = make("rafdb", 7, 50, "rt");
  auto options = ask(100);
  for (const double validation : {0., 0.2}) {
    options.validation = validation;
    const auto pools = make_pools({dataset, nullptr, nullptr}, options);
    EXPECT_EQ(pools.labeled.size() + pools.validation.size(), 98);
    EXPECT_THAT(pools.remarks, Contains(HasSubstr("98 labels for 100: the same number of each class")));
  }
  const auto all = make_pools({dataset, nullptr, nullptr}, ask(700));
  EXPECT_THAT(counts(all.labeled), Each(50)) << "what is there";
  EXPECT_THAT(all.remarks, Contains(HasSubstr("350 labels for 700: ")));
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
  auto inside = ask(160), outside = ask(16);
  inside.validation = 0.1;
  outside.validation_source = "part";
  outside.validation_faces = 25;
  for (const auto& options : {inside, outside}) {
    const auto pools = make_pools({dataset, nullptr, nullptr}, options);
    std::map<std::string, std::set<int>> seen;
    const Pool* const all[] = {&pools.labeled, &pools.unlabeled, &pools.validation, &pools.test};
    for (int i = 0; i < 4; ++i) {
      for (const int64_t row : all[i]->rows) seen[dataset->records[row].subject].insert(i < 2 ? 0 : i);
    }
    for (const auto& [subject, pool] : seen) EXPECT_EQ(pool.size(), 1u) << subject;
    EXPECT_GT(pools.validation.size(), 0);
    EXPECT_GT(pools.labeled.size(), 0);
    EXPECT_GT(pools.unlabeled.size(), 0);
  }
}

TEST(SplitFile, GivesTheSamePools) {
  TemporaryFolder folder;
  const auto source = make("rafdb", 7, 20, "r", 3), other = make("ferplus", 8, 3, "t"), third = make("folder", 7, 3, "rv");
  for (const auto& datasets :
       {Datasets{source, nullptr, nullptr}, Datasets{source, other, other}, Datasets{source, nullptr, nullptr, nullptr, third}}) {
    auto options = ask(42);
    if (datasets.validation) options.validation_source = "folder:elsewhere";
    if (!datasets.validation) options.validation = 0.2;
    const auto pools = make_pools(datasets, options);
    save_split(folder / "split.json", pools, options);
    options.split_file = (folder / "split.json").string();
    options.labels = 70;
    options.split_seed = 99;
    const auto again = make_pools(datasets, options);
    EXPECT_EQ(again.labeled.rows, pools.labeled.rows);
    EXPECT_EQ(again.unlabeled.rows, pools.unlabeled.rows);
    EXPECT_GT(pools.validation.size(), 0);
    EXPECT_EQ(again.validation.rows, pools.validation.rows);
    EXPECT_EQ(again.validation.dataset->classes, source->classes);
    EXPECT_EQ(again.validation_outside, datasets.validation != nullptr);
    EXPECT_EQ(again.test.rows, pools.test.rows);
    EXPECT_EQ(again.test.dataset->classes, source->classes);
  }
}

TEST(SplitFile, KnowsWhetherItsLabelsAreOutsideOfTheBudget) {
  TemporaryFolder folder;
  const Datasets datasets{make("ferplus", 8, 20, "rvt"), nullptr, nullptr};
  auto options = ask(24);
  options.validation_source = "part";
  save_split(folder / "with.json", make_pools(datasets, options), options);
  save_split(folder / "without.json", make_pools(datasets, ask(24)), options);
  auto again = ask(24);
  again.split_file = (folder / "with.json").string();
  const auto pools = make_pools(datasets, again);
  EXPECT_EQ(pools.validation.size(), 160);
  EXPECT_TRUE(pools.validation_outside) << "though nobody names them here";
  options.split_file = (folder / "without.json").string();
  EXPECT_THAT(error_of([&] { make_pools(datasets, options); }),
              HasSubstr("has no faces to choose by, but --validation names some"));
  const auto source = make("rafdb", 7, 20, "rt"), third = make("folder", 7, 3, "rv");
  options = ask(21);
  options.validation_source = "folder:elsewhere";
  save_split(folder / "third.json", make_pools({source, nullptr, nullptr, nullptr, third}, options), options);
  EXPECT_THAT(error_of([&] {
                read_split(folder / "third.json", {source, nullptr, nullptr});
              }),
              HasSubstr("the validation faces belong to \"folder\", but the data set is rafdb"));
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
  EXPECT_THAT(changed("\"validation_outside_of_budget\": false", "\"validation_outside_of_budget\": 3"),
              HasSubstr("must be true or false, not 3"));
  EXPECT_EQ(changed("\"validation_outside_of_budget\": false,", ""), "") << "of an earlier version";
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

TEST(Datasets, RefuseFacesToChooseByThatAreUsedOtherwise) {
  TemporaryFolder folder;
  put_face(folder / "a/happiness/1.png");
  put_face(folder / "b/happiness/1.png");
  const auto a = "folder:" + (folder / "a").string(), b = "folder:" + (folder / "b").string();
  DataOptions options;
  options.source = a;
  options.validation_source = b;
  options.validation = 0.1;
  const auto refusal = [&] { return error_of([&] { load_datasets(options, 1); }); };
  EXPECT_THAT(refusal(), HasSubstr("give one of the two"));
  options.validation_source = "part";
  EXPECT_THAT(refusal(), HasSubstr("give one of the two"));
  options.validation = 0;
  options.validation_source = a + "/";
  EXPECT_THAT(refusal(), HasSubstr("data.validation_source names the same faces as data.source"));
  options.validation_source = b;
  options.test = b;
  EXPECT_THAT(refusal(), HasSubstr("names the same faces as data.test"));
  options.test = "";
  options.unlabeled = b;
  EXPECT_THAT(refusal(), HasSubstr("names the same faces as data.unlabeled"));
  options.unlabeled = options.validation_source = "";
  options.validation_faces = 3;
  EXPECT_THAT(refusal(), HasSubstr("data.validation_faces is 3, but data.validation_source names no faces"));
}

TEST(SharedFaces, AreFoundByTheirContent) {
  TemporaryFolder folder;
  uint8_t shade = 0;
  for (const auto* name : {"happiness", "sadness"}) {
    for (int i = 0; i < 5; ++i) put_face(folder / fmt::format("own/train/{}/{}.png", name, i), ++shade);
    for (int i = 0; i < 2; ++i) put_face(folder / fmt::format("own/test/{}/{}.png", name, i), ++shade);
    for (int i = 0; i < 3; ++i) put_face(folder / fmt::format("other/{}/{}.png", name, i), ++shade);
  }
  const auto own = "folder:" + (folder / "own").string(), other = "folder:" + (folder / "other").string();
  DataOptions options;
  options.source = own;
  options.labels = 4;
  options.validation_source = other;
  const auto remarks = [&] {
    const auto datasets = load_datasets(options, 1);
    auto pools = make_pools(datasets, options);
    check_shared_faces(datasets, pools);
    return pools.remarks;
  };
  const auto error = [&] { return error_of(remarks); };
  EXPECT_EQ(error(), "");
  put_face(folder / "other/happiness/copy.png", 3);  // learned from, with or without its label
  EXPECT_EQ(error(),
            "the face happiness/copy.png of data.validation_source is also learned from, as train/happiness/2.png; take it "
            "out of one of the two");
  put_face(folder / "other/happiness/copy.png", 6);
  EXPECT_THAT(error(), HasSubstr("is also tested on, as test/happiness/0.png"));
  options.unlabeled = other;
  options.validation_source = "";
  EXPECT_THAT(remarks(), Contains("warning: 1 of 4 test faces are also among those that are learned from, the same picture"));
  std::swap(options.test, options.unlabeled);
  put_face(folder / "other/happiness/copy.png", 3);
  EXPECT_THAT(remarks(), Contains(HasSubstr("warning: 1 of 7 test faces are also")));
  put_face(folder / "other/happiness/copy.png", 99);
  EXPECT_THAT(remarks(), testing::Not(Contains(HasSubstr("warning"))));
  options.foreign = other;  // its faces come behind the own ones
  options.foreign_share = 1;
  options.test = "";
  put_face(folder / "own/test/happiness/0.png", 1);
  EXPECT_THAT(remarks(), testing::Not(Contains(HasSubstr("warning")))) << "of the same source";
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
