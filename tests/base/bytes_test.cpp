#include "leaf/base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "tests/error_of.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

constexpr int kNotHere = 77;  ///< the exit code of a child that may not do what its test needs

/// The exit code of a child of this process that does the work, whatever it changes about itself.
int in_child(const std::function<int()>& work) {
  const auto child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Whether a file that cannot be written says so with this advice, is what it was, and leaves nothing beside it.
bool keeps_old_content(const std::filesystem::path& path, const std::string& advice) {
  const auto message = error_of([&] { write_file(path, std::string(1 << 20, 'x')); });
  return message.find(advice) != std::string::npos && read_file(path) == "old" &&
         std::distance(std::filesystem::directory_iterator(path.parent_path()), {}) == 1;
}

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

TEST(Bytes, KeepTheOldContentOnAFullFileSystem) {
  TemporaryFolder folder;
  const int code = in_child([&] {
    const bool own = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (!own || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0)
      return kNotHere;
    write_file(folder / "a", "old");
    return keeps_old_content(folder / "a", "No space left on device; free some space") ? 0 : 1;
  });
  if (code == kNotHere) GTEST_SKIP() << "needs to mount a file system, which is not allowed here";
  EXPECT_EQ(code, 0);
}

TEST(Bytes, KeepTheOldContentWhenPermissionIsLost) {
  constexpr uid_t kNobody = 65534;
  TemporaryFolder folder;
  write_file(folder / "a", "old");
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(in_child([&] {
              if (::geteuid() == 0 && ::setuid(kNobody) != 0) return kNotHere;
              return keeps_old_content(folder / "a", "Permission denied; check the permissions") ? 0 : 1;
            }),
            0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
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
