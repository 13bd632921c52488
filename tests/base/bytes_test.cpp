#include "leaf/base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

TEST(Bytes, KeepTheOldContentWhenWritingFails) {
  TemporaryFolder folder;
  write_file(folder / "a", "old");
  const auto failing = [](const Sink& sink) {
    const uint8_t byte = 1;
    sink({&byte, 1});
    throw std::runtime_error("stopped");
  };
  EXPECT_THROW(write_file(folder / "a", failing), std::runtime_error);
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);  // no partial file is left
}

TEST(Bytes, AreWrittenThroughNoLink) {
  TemporaryFolder folder;
  write_file(folder / "victim", "precious");
  std::filesystem::create_symlink(folder / "victim", folder / "a");
  write_file(folder / "a", "new");
  EXPECT_EQ(read_file(folder / "victim"), "precious");
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "a"));
  std::filesystem::create_symlink(folder / "victim", folder / "lines");
  EXPECT_THROW(LineFile(folder / "lines"), Error);
}

TEST(Bytes, HaveNamesAsLongAsNamesCanBe) {
  TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file(folder / name, "long");
  EXPECT_EQ(read_file(folder / name), "long");
}

TEST(Bytes, GrowByLines) {
  TemporaryFolder folder;
  for (const auto* line : {"a", "b"}) {
    LineFile file(folder / "lines");
    file.append(line);
    file.sync();
  }
  EXPECT_EQ(read_file(folder / "lines"), "a\nb\n");
}

TEST(Bytes, LoseWhatWasHalfWritten) {
  TemporaryFolder folder;
  write_file(folder / "x.partial", "half");
  write_file(folder / "x", "whole");
  remove_partial(folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder / "x.partial"));
  EXPECT_EQ(read_file(folder / "x"), "whole");
  remove_partial(folder / "missing");
}

TEST(Bytes, NameTheFileInErrors) {
  TemporaryFolder folder;
  const auto message = [&](const std::filesystem::path& path) {
    try {
      read_file(path, 2);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  write_file(folder / "large", "abc");
  EXPECT_THAT(message(folder / "missing"), testing::HasSubstr("missing: No such file"));
  EXPECT_THAT(message(folder.path()), testing::HasSubstr("not a regular file"));
  EXPECT_THAT(message(folder / "large"), testing::HasSubstr("3 B is more than the allowed 2 B"));
  EXPECT_THROW(write_file("/dev/full/x", "a"), Error);
}

TEST(Bytes, MapAFileAsItIs) {
  TemporaryFolder folder;
  write_file(folder / "a", "abc");
  write_file(folder / "empty", "");
  const MappedFile file(folder / "a"), empty(folder / "empty");
  EXPECT_EQ(std::string(file.bytes().begin(), file.bytes().end()), "abc");
  EXPECT_TRUE(empty.bytes().empty());
  EXPECT_EQ(human_bytes(1400000000), "1.4 GB");
}

TEST(ParallelFor, DoesEverythingOnceAndPassesOnAnException) {
  std::vector<std::atomic<int>> done(100);
  parallel_for(100, 4, [&](int64_t i) { ++done[i]; });
  for (const auto& count : done) EXPECT_EQ(count, 1);
  EXPECT_THROW(parallel_for(100, 4,
                            [](int64_t i) {
                              if (i == 50) fail("at {}", i);
                            }),
               Error);
  parallel_for(0, 4, [](int64_t) { FAIL(); });
}

}  // namespace
}  // namespace leaf
