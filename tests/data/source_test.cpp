#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/data/open.h"
#include "tests/data/archives.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

std::vector<TarEntry> tree() {
  return {{"b/2.png", "two"},        {"b/1.png", "one"},      {"b", "", '5'},           {"a-x.txt", "text"},
          {"a/deep/er.png", "deep"}, {"a/.hidden.png", "no"}, {"__MACOSX/c.png", "no"}, {"./c.PNG", "c"}};
}

void put_tree(const fs::path& root) {
  for (const auto& entry : tree()) {
    if (entry.type == '0') put(root / entry.name, entry.content);
  }
}

void expect_tree(const Source& source) {
  EXPECT_TRUE(source.has_file("b/1.png"));
  EXPECT_TRUE(source.has_file("./b//1.png"));
  EXPECT_FALSE(source.has_file("b"));
  EXPECT_FALSE(source.has_file("b/3.png"));
  EXPECT_TRUE(source.has_folder("b"));
  EXPECT_TRUE(source.has_folder("a/deep/"));
  EXPECT_TRUE(source.has_folder(""));
  EXPECT_FALSE(source.has_folder("a/d"));
  EXPECT_EQ(source.read("a/deep/er.png"), "deep");
  EXPECT_THAT(source.folders(""), ElementsAre("a", "b"));
  EXPECT_THAT(source.pictures(""), ElementsAre("c.PNG"));
  EXPECT_THAT(source.pictures("b"), ElementsAre("1.png", "2.png"));
  EXPECT_THAT(source.pictures_below(""), ElementsAre("c.PNG", "a/deep/er.png", "b/1.png", "b/2.png"));
  EXPECT_THROW(source.read("b/3.png"), Error);
  EXPECT_THROW(source.entries("nowhere"), Error);
  for (const char* path : {"../secret.png", "b/../../secret.png", "/etc/passwd"}) {
    EXPECT_FALSE(source.has_file(path));
    EXPECT_THROW(source.read(path), Error) << path;
  }
}

TEST(Source, ReadsAFolder) {
  TemporaryFolder folder;
  put_tree(folder / "in");
  put(folder / "secret.png", "secret");
  expect_tree(*open_source(folder / "in"));
}

TEST(Source, ReadsArchivesAsIfTheyWereFolders) {
  TemporaryFolder folder;
  put(folder / "a.tar", tar(tree()));
  put(folder / "a.tar.gz", gzip(tar(tree())));
  auto files = tree();
  std::erase_if(files, [](const TarEntry& entry) { return entry.type != '0'; });
  put(folder / "a.ZIP", zip(files));
  for (const char* name : {"a.tar", "a.tar.gz", "a.ZIP"}) {
    SCOPED_TRACE(name);
    expect_tree(*open_source(folder / name));
  }
}

TEST(Source, IsSeenFromOneOfItsFolders) {
  TemporaryFolder folder;
  put_tree(folder / "x" / "in");
  put(folder / "x" / "secret.png", "secret");
  expect_tree(*source_below(open_source(folder / "x"), "in"));
}

TEST(Source, FollowsLinksOnlyInside) {
  TemporaryFolder folder;
  put(folder / "in" / "real" / "1.png", "one");
  put(folder / "secret" / "s.png", "secret");
  fs::create_directory_symlink("real", folder / "in" / "alias");
  fs::create_directory_symlink("../secret", folder / "in" / "out");
  fs::create_symlink("../secret/s.png", folder / "in" / "s.png");
  fs::create_symlink("loop.png", folder / "in" / "loop.png");
  const auto source = open_source(folder / "in");
  EXPECT_EQ(source->read("alias/1.png"), "one");
  EXPECT_FALSE(source->has_file("s.png"));
  EXPECT_THAT(error_of([&] { source->read("s.png"); }), HasSubstr("s.png leads out of"));
  EXPECT_THAT(error_of([&] { source->read("out/s.png"); }), HasSubstr("leads out of"));
  EXPECT_FALSE(source->has_folder("out"));
  EXPECT_THROW(source->read("loop.png"), Error);
  EXPECT_THROW(source->read("real"), Error);
}

TEST(Source, StopsAtALinkToAFolderAbove) {
  TemporaryFolder folder;
  put(folder / "a" / "1.png", "one");
  fs::create_directory_symlink("..", folder / "a" / "up");
  EXPECT_THAT(error_of([&] { open_source(folder.path())->pictures_below(""); }), HasSubstr("deep"));
}

TEST(Source, OfAPlainFileIsItsFolder) {
  TemporaryFolder folder;
  put(folder / "list.csv", "path\n");
  const auto source = open_source(folder / "list.csv");
  EXPECT_EQ(source->file(), "list.csv");
  EXPECT_EQ(source->read("list.csv"), "path\n");
  EXPECT_THAT(error_of([&] { open_source(folder / "none"); }), HasSubstr("does not exist"));
}

std::string archive_error(const std::string& bytes, const ArchiveLimits& limits = {}, const std::string& name = "a.tar") {
  TemporaryFolder folder;
  put(folder / name, bytes);
  return error_of([&] { open_source(folder / name, limits)->has_file("x"); });
}

TEST(Archive, RefusesNamesThatLeadOut) {
  EXPECT_THAT(archive_error(tar({{"a/../../evil.png", "x"}})), HasSubstr("leads out"));
  EXPECT_THAT(archive_error(tar({{"/etc/evil.png", "x"}})), HasSubstr("absolute"));
  EXPECT_THAT(archive_error(zip({{"../evil.png", "x"}}), {}, "a.zip"), HasSubstr("leads out"));
}

TEST(Archive, LeavesLinksOut) {
  TemporaryFolder folder;
  put(folder / "a.tar",
      tar({{"real.png", "x"}, {"soft.png", "", '2', "/etc/passwd"}, {"hard.png", "", '1', "real.png"}, {"fifo.png", "", '6'}}));
  const auto source = open_source(folder / "a.tar");
  EXPECT_THAT(source->pictures(""), ElementsAre("real.png"));
  EXPECT_THROW(source->read("soft.png"), Error);
}

TEST(Archive, KeepsToItsLimits) {
  const auto two = tar({{"a.png", std::string(3000, 'a')}, {"b.png", std::string(3000, 'b')}});
  EXPECT_EQ(archive_error(two), "");
  EXPECT_THAT(archive_error(two, {.files = 1}), HasSubstr("more than 1 files"));
  EXPECT_THAT(archive_error(two, {.file_bytes = 2999}), HasSubstr("a.png unpacks to more than"));
  EXPECT_THAT(archive_error(two, {.bytes = 5999}), HasSubstr("unpacks to more than"));
  EXPECT_THAT(archive_error(two, {.ratio = 0.5, .unsuspected = 0}), HasSubstr("times its size"));
}

TEST(Archive, RefusesADeclaredSizeBeforeMemoryIsTaken) {
  EXPECT_THAT(archive_error(tar({{"a.png", "x", '0', "", "77777777777"}})), HasSubstr("a.png unpacks to more than"));  // 8 GiB
  EXPECT_THAT(archive_error(tar({{"a.png", "x", '0', "", "07777777777"}})), HasSubstr("times its size"));  // 1 GiB: not there
  EXPECT_THAT(archive_error(tar({{"a.png", "x", '0', "", "00300000000"}})),
              HasSubstr("cannot read the archive"));  // 48 MiB, also not there
}

TEST(Archive, CountsWhatIsLeftOut) {
  const std::string much(700'000, '\0');
  EXPECT_EQ(archive_error(zip({{"a.png", "x"}, {"folder/", much}}), {.bytes = 800'000}, "a.zip"), "");
  EXPECT_THAT(archive_error(zip({{"a.png", "x"}, {"folder/", much}}), {.bytes = 600'000}, "a.zip"),
              HasSubstr("unpacks to more than"));
}

TEST(Archive, CountsNamesAndHeaders) {
  std::vector<TarEntry> folders;
  for (int i = 0; i < 40; ++i) folders.push_back({fmt::format("{}", i), "", '5'});
  EXPECT_EQ(archive_error(tar(folders), {.bytes = 40'000}), "");
  EXPECT_THAT(archive_error(tar(folders), {.bytes = 20'000}), HasSubstr("unpacks to more than"));
}

TEST(Archive, NamesADamagedFile) {
  EXPECT_THAT(archive_error("this is no archive"), HasSubstr("cannot read the archive"));
  const auto whole = gzip(tar(tree()));
  EXPECT_THAT(archive_error(whole.substr(0, whole.size() / 2), {}, "a.tgz"), HasSubstr("cannot read the archive"));
}

}  // namespace
}  // namespace leaf
