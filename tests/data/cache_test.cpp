#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/data/cache_file.h"
#include "leaf/data/load_dataset.h"
#include "tests/data/archives.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

/// A small data set with a cache folder beside it.
struct CacheOf : testing::Test {
  TemporaryFolder folder;
  DataOptions options;
  CacheOf() {
    put_ferplus(folder / "in", 40);
    Image color(3, 4, {1, 2, 3});
    put(folder / "in/FER2013Train/fer0000000.png", png(color));
    options.cache = (folder / "cache").string();
    options.votes = "probability";
  }
  Dataset load(const DataOptions& how) { return load_dataset("ferplus:" + (folder / "in").string(), how, 2); }
  Dataset load() { return load(options); }
  Dataset uncached() {
    auto how = options;
    how.cache.clear();
    return load(how);
  }
  fs::path file() {
    for (const auto& entry : fs::directory_iterator(options.cache)) return entry.path();
    return {};
  }
  static void expect_equal(const Dataset& a, const Dataset& b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.classes, b.classes);
    EXPECT_EQ(a.left_out, b.left_out);
    ASSERT_EQ(a.records, b.records);
    for (int64_t row = 0; row < a.size(); ++row) ASSERT_EQ(a.faces->face(row), b.faces->face(row)) << row;
  }
};
using Cache = CacheOf;

TEST_F(Cache, GivesBackWhatWasLoaded) {
  put(folder / "in/FER2013Train/fer0000002.png", "no picture");
  const auto first = load();
  expect_equal(first, uncached());
  EXPECT_EQ(first.left_out.size(), 1u);
  const auto time = fs::last_write_time(file());
  expect_equal(load(), first);
  EXPECT_EQ(fs::last_write_time(file()), time);  // not made again
  EXPECT_THAT(load().remarks, Not(Contains(HasSubstr("made anew"))));
}

TEST_F(Cache, IsMadeAnewWhenAPictureChanges) {
  load();
  put(folder / "in/FER2013Train/fer0000001.png", gray_png(250, 5, 5));
  const auto dataset = load();
  EXPECT_EQ(dataset.faces->face(1), Image(5, 5, {250, 250, 250}));
  EXPECT_THAT(dataset.remarks, Contains(testing::AllOf(HasSubstr("was made anew"), HasSubstr("have changed"))));
}

TEST_F(Cache, IsMadeAnewWhenALabelChanges) {
  load();
  put(folder / "in/FER2013Test/label.csv", "fer0000060.png,0,9,0,0,0,0,0,0,1,0\n");
  EXPECT_EQ(load().size(), 61);
}

TEST_F(Cache, KeepsOneFileForEachWayOfReading) {
  load();
  auto other = options;
  other.classes = "7";
  EXPECT_EQ(load(other).classes.size(), 7u);
  EXPECT_EQ(load().classes.size(), 8u);
  EXPECT_EQ(std::distance(fs::directory_iterator(options.cache), {}), 2);
}

TEST_F(Cache, OfAnArchiveIsFoundWithoutUnpackingIt) {
  put(folder / "a.tar", tar({{"FER2013Train/label.csv", "a.png,9,0,0,0,0,0,0,0,1,0\n"}, {"FER2013Train/a.png", gray_png(9)}}));
  const auto time = fs::last_write_time(folder / "a.tar");
  const auto first = load_dataset("ferplus:" + (folder / "a.tar").string(), options, 1);
  put(folder / "a.tar", std::string(fs::file_size(folder / "a.tar"), 'x'));  // of the same size and time
  fs::last_write_time(folder / "a.tar", time);
  expect_equal(load_dataset("ferplus:" + (folder / "a.tar").string(), options, 1), first);
  fs::last_write_time(folder / "a.tar", time + std::chrono::seconds(1));
  EXPECT_THROW(load_dataset("ferplus:" + (folder / "a.tar").string(), options, 1), Error);
}

TEST_F(Cache, SurvivesNoFlippedBit) {
  load();
  const auto expected = uncached();
  const auto whole = read_file(file());
  const size_t step = whole.size() / 97;
  for (size_t at = 0; at < whole.size(); at += at < 64 || at + 64 > whole.size() ? 1 : step) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
    put(file(), damaged);
    const auto lookup = open_cache(file(), {}, 1);
    EXPECT_FALSE(lookup.found) << at;
    const auto dataset = load();
    ASSERT_THAT(dataset.remarks, Contains(HasSubstr("was made anew"))) << at;
    if (at % 1000 == 0) expect_equal(dataset, expected);
  }
  EXPECT_EQ(read_file(file()), whole);
}

TEST_F(Cache, SurvivesNoTruncation) {
  load();
  const auto whole = read_file(file());
  for (size_t size = 0; size < whole.size(); size += size < 100 || size + 100 > whole.size() ? 7 : whole.size() / 20) {
    put(file(), whole.substr(0, size));
    ASSERT_THAT(load().remarks, Contains(HasSubstr("was made anew"))) << size;
  }
  put(file(), whole + "more");
  EXPECT_THAT(load().remarks, Contains(HasSubstr("was made anew")));
}

TEST_F(Cache, OfAnotherVersionIsMadeAnew) {
  load();
  auto other = read_file(file());
  other[8] = 9;
  put(file(), other);
  EXPECT_THAT(load().remarks, Contains(HasSubstr(fmt::format("it has version 9, this program writes {}", kCacheVersion))));
}

TEST_F(Cache, LeavesNothingBehindWhenADataSetIsBroken) {
  for (int i = 0; i < 10; ++i) put(folder / fmt::format("in/FER2013Train/fer000000{}.png", i), "no picture");
  EXPECT_THROW(load(), Error);
  EXPECT_TRUE(fs::is_empty(options.cache));
}

TEST_F(Cache, OutlivesItsFileAndTheFacesItWasMadeOf) {
  const auto expected = uncached();
  load();
  const auto dataset = load();  // by the file
  fs::remove_all(folder / "in");
  fs::remove_all(options.cache);
  expect_equal(dataset, expected);
}

TEST_F(Cache, NamesAFolderThatCannotBeMade) {
  put(folder / "cache", "a file");
  EXPECT_THAT(error_of([&] { load(); }), HasSubstr("cannot make the folder"));
}

}  // namespace
}  // namespace leaf
