#include "leaf/pools/harder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "leaf/data/expressions.h"
#include "leaf/pools/make_pools.h"
#include "leaf/pools/split.h"
#include "leaf/pools/split_file.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A data set without pictures: training faces in the order of their classes' turns, then test faces.
std::shared_ptr<Dataset> make(const std::string& name, int64_t classes, int64_t of_each, int64_t unknown = 0) {
  auto dataset = std::make_shared<Dataset>();
  dataset->name = name;
  dataset->classes = expressions();
  dataset->classes.resize(classes);
  for (const Part part : {Part::train, Part::test}) {
    for (int64_t i = 0; i < classes * of_each + (part == Part::train ? unknown : 0); ++i) {
      Record record;
      record.path = fmt::format("{}/{}.png", part == Part::train ? "train" : "test", i);
      record.part = part;
      record.label = i < classes * of_each ? i % classes : kUnlabeled;
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

std::vector<std::string> names(const Pool& pool) {
  std::vector<std::string> result;
  for (const int64_t row : pool.rows) result.push_back(pool.dataset->records[row].name());
  return result;
}

int64_t foreign_faces(const Pool& pool) {
  const auto all = names(pool);
  return std::count_if(all.begin(), all.end(), [](const std::string& name) { return name.starts_with("foreign:"); });
}

DataOptions ask(double labels) {
  DataOptions options;
  options.labels = labels;
  options.source = "rafdb:faces";
  return options;
}

/// How many of the pool's labels are not those of the data set.
int64_t wrong(const Pool& pool, const Dataset& right) {
  return std::count_if(pool.rows.begin(), pool.rows.end(),
                       [&](int64_t row) { return pool.dataset->records[row].label != right.records[row].label; });
}

TEST(UnlabeledShare, KeepsARandomShareInItsOrder) {
  const Datasets datasets{make("rafdb", 7, 100), nullptr, nullptr};
  auto options = ask(70);
  const auto all = make_pools(datasets, options);
  options.unlabeled_share = 0.1;
  const auto tenth = make_pools(datasets, options);
  EXPECT_EQ(tenth.labeled.rows, all.labeled.rows);
  EXPECT_EQ(tenth.test.rows, all.test.rows);
  EXPECT_EQ(tenth.unlabeled.size(), all.unlabeled.size() / 10);
  EXPECT_TRUE(std::is_sorted(tenth.unlabeled.rows.begin(), tenth.unlabeled.rows.end()));
  EXPECT_TRUE(std::includes(all.unlabeled.rows.begin(), all.unlabeled.rows.end(), tenth.unlabeled.rows.begin(),
                            tenth.unlabeled.rows.end()));
  EXPECT_THAT(tenth.remarks, Contains(HasSubstr("63 of 630 unlabeled faces stay")));
  EXPECT_EQ(make_pools(datasets, options).unlabeled.rows, tenth.unlabeled.rows);
  options.split_seed = 6;
  EXPECT_NE(make_pools(datasets, options).unlabeled.rows, tenth.unlabeled.rows);
  options.unlabeled_share = 0;
  EXPECT_EQ(make_pools(datasets, options).unlabeled.size(), 0);
}

TEST(Tail, ThinsClassesFromTheMostFrequentOn) {
  const auto source = make("rafdb", 3, 200, 50);
  for (int64_t i = 0; i < 60; ++i) source->records[3 * i].label = 1;  // class 1 is the most frequent one, then 2
  const auto plain = make_pools({source, nullptr, nullptr}, ask(60));
  auto options = ask(60);
  options.tail = 16;
  const auto pools = make_pools({source, nullptr, nullptr}, options);
  EXPECT_THAT(counts(pools.labeled), ElementsAre(1, 20, 5));  // 20/16, at least one, and a quarter
  const auto before = counts(plain.unlabeled), after = counts(pools.unlabeled);
  EXPECT_EQ(after[1], before[1]);
  EXPECT_EQ(after[2], std::llround(static_cast<double>(before[2]) / 4));
  EXPECT_EQ(after[0], std::llround(static_cast<double>(before[0]) / 16));
  EXPECT_EQ(pools.unlabeled.size() - after[0] - after[1] - after[2], 50);  // nobody knows their class
  EXPECT_EQ(pools.validation.rows, plain.validation.rows);
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("a long tail of 16 to 1: 26 of 60 labeled")));
}

TEST(Tail, KnowsTheClassesOfASecondSourceByName) {
  const auto other = make("ferplus", 3, 100);
  other->classes = {"surprise", "neutral", "fear"};
  auto options = ask(30);
  options.tail = 4;
  const auto pools = make_pools({make("rafdb", 3, 50), other, nullptr}, options);
  EXPECT_EQ(pools.unlabeled.dataset, other);
  EXPECT_THAT(counts(pools.unlabeled),
              ElementsAre(100, 200, 200));  // 200/√4: surprise comes second of three; fear is none of rafdb's
}

TEST(Foreign, ReplaceAShareOfTheUnlabeledFaces) {
  const auto source = make("rafdb", 7, 100), foreign = make("folder", 2, 150);
  auto options = ask(70);
  const auto plain = make_pools({source, nullptr, nullptr}, options);
  options.foreign = "folder:elsewhere";
  options.foreign_share = 0.25;
  const auto pools = make_pools({source, nullptr, nullptr, foreign}, options);
  EXPECT_EQ(pools.unlabeled.size(), plain.unlabeled.size());
  EXPECT_EQ(foreign_faces(pools.unlabeled), 158);
  EXPECT_EQ(foreign_faces(pools.labeled), 0);
  EXPECT_EQ(pools.labeled.rows, plain.labeled.rows);
  EXPECT_EQ(pools.labeled.dataset, pools.unlabeled.dataset);  // so that what learns from every label still may
  EXPECT_EQ(pools.validation.dataset, source);
  const auto all = names(pools.unlabeled);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  for (const int64_t row : pools.unlabeled.rows) {
    const bool is_own = row < source->size();
    EXPECT_EQ(pools.unlabeled.dataset->records[row].label == kUnlabeled, !is_own);
  }
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("158 of 630 unlabeled faces are replaced by faces of folder:elsewhere")));
}

TEST(Foreign, MustBeEnough) {
  auto options = ask(70);
  options.foreign = "folder:elsewhere";
  options.foreign_share = 0.5;
  EXPECT_THAT(error_of([&] {
                make_pools({make("rafdb", 7, 100), nullptr, nullptr, make("folder", 2, 10)}, options);
              }),
              HasSubstr("takes 315 foreign faces, but folder:elsewhere has 40"));
}

TEST(Foreign, AreFoundInTheStoreBehindTheOwnOnes) {
  const auto filled = [](uint8_t shade, int64_t count) {
    auto dataset = std::make_shared<Dataset>();
    dataset->records.resize(count);
    dataset->faces = store_in_memory(std::vector<StoredFace>(count, pack_face(Image(1, 1, {shade, shade, shade}))));
    return std::shared_ptr<const Dataset>(dataset);
  };
  const auto both = with_foreign(filled(10, 3), filled(20, 2));
  EXPECT_EQ(both->size(), 5);
  EXPECT_EQ(both->faces->size(), 5);
  EXPECT_EQ(both->faces->face(2).pixels[0], 10);
  EXPECT_EQ(both->faces->face(3).pixels[0], 20);
  const auto own = filled(10, 3);
  EXPECT_EQ(with_foreign(own, nullptr), own);
}

TEST(Foreign, CannotBeTheSourceItself) {
  TemporaryFolder folder;
  put_face(folder / "happy/1.png");
  DataOptions options;
  options.source = "folder:" + folder.path().string();
  options.foreign = options.source + "/";
  EXPECT_THAT(error_of([&] { load_datasets(options, 1); }), HasSubstr("data.foreign names the same faces as"));
}

TEST(WrongLabels, AreExactlyTheShareAndNeverRight) {
  const auto source = make("rafdb", 7, 100);
  auto options = ask(210);
  options.validation_source = "part";
  options.validation_faces = 50;
  const auto plain = make_pools({source, nullptr, nullptr}, options);
  options.wrong_labels = 0.2;
  const auto pools = make_pools({source, nullptr, nullptr}, options);
  EXPECT_EQ(wrong(pools.labeled, *source), 42);
  EXPECT_EQ(wrong(pools.unlabeled, *source), std::llround(0.2 * static_cast<double>(pools.unlabeled.size())));
  EXPECT_EQ(pools.validation.size(), 50);
  EXPECT_EQ(wrong(pools.validation, *source), 0);
  EXPECT_EQ(wrong(pools.test, *source), 0);
  EXPECT_EQ(pools.labeled.dataset, pools.unlabeled.dataset);
  EXPECT_EQ(pools.labeled.rows, plain.labeled.rows);
  EXPECT_THAT(pools.remarks, Contains(HasSubstr("42 of 210 labeled faces have a wrong label")));
  EXPECT_EQ(counts(make_pools({source, nullptr, nullptr}, options).labeled), counts(pools.labeled));
}

TEST(WrongLabels, MoveTheVotesAlong) {
  const auto source = make("ferplus", 3, 20);
  for (auto& record : source->records) record.target = {0.1F, 0.1F, 0.1F}, record.target[record.label] = 0.8F;
  auto options = ask(30);
  options.wrong_labels = 0.5;
  const auto pools = make_pools({source, nullptr, nullptr}, options);
  EXPECT_EQ(wrong(pools.labeled, *source), 15);
  for (const int64_t row : pools.labeled.rows) {
    const auto& record = pools.labeled.dataset->records[row];
    EXPECT_EQ(record.target[record.label], 0.8F);
  }
}

TEST(WrongLabels, TakeTwoClasses) {
  auto options = ask(5);
  options.wrong_labels = 0.2;
  EXPECT_THAT(error_of([&] {
                make_pools({make("folder", 1, 50), nullptr, nullptr}, options);
              }),
              HasSubstr("at least two classes"));
}

TEST(SplitFile, KeepsWhatWasMadeHarder) {
  TemporaryFolder folder;
  for (const bool second : {false, true}) {
    const Datasets datasets{make("rafdb", 7, 100), second ? make("ferplus", 7, 60) : nullptr, nullptr, make("folder", 2, 150)};
    auto options = ask(70);
    options.foreign = "folder:elsewhere";
    options.tail = 4;
    options.unlabeled_share = 0.5;
    options.foreign_share = 0.4;
    options.wrong_labels = 0.3;
    const auto pools = make_pools(datasets, options);
    save_split(folder / "split.json", pools, options);
    options.split_file = (folder / "split.json").string();
    const auto again = make_pools(datasets, options);
    EXPECT_EQ(names(again.labeled), names(pools.labeled));
    EXPECT_EQ(names(again.unlabeled), names(pools.unlabeled));
    EXPECT_EQ(foreign_faces(again.unlabeled), std::llround(0.4 * static_cast<double>(again.unlabeled.size())));
    EXPECT_EQ(counts(again.labeled), counts(pools.labeled));
    EXPECT_EQ(again.labeled.dataset == again.unlabeled.dataset, !second);
    for (size_t i = 0; i < pools.labeled.rows.size(); ++i) {
      EXPECT_EQ(again.labeled.dataset->records[again.labeled.rows[i]].label,
                pools.labeled.dataset->records[pools.labeled.rows[i]].label);
    }
    auto without = datasets;
    without.foreign = nullptr;
    EXPECT_THAT(error_of([&] { make_pools(without, options); }), HasSubstr("the first is foreign:folder/"));
  }
}

TEST(DataOptions, RefuseDifficultiesOutOfRange) {
  DataOptions data;
  Options options;
  describe(options, data);
  for (const auto& [key, text] : {std::pair{"unlabeled_share", "1.5"},
                                  {"unlabeled_share", "-0.1"},
                                  {"foreign_share", "2"},
                                  {"tail", "0.5"},
                                  {"wrong_labels", "0.95"},
                                  {"wrong_labels", "many"}}) {
    EXPECT_NE(error_of([&] { options.set(std::string("data.") + key, std::string_view(text)); }), "") << key << " = " << text;
  }
}

}  // namespace
}  // namespace leaf
