#include "leaf/runs/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "tests/error_of.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

TEST(RunFolder, OfARunThatNeverBeganIsFree) {
  TemporaryFolder temporary;
  const RunFolder folder{temporary / "run"};
  make_folder(folder.root / "checkpoints");  // as a kill leaves it
  write_file(folder.lock(), "process 1 on nowhere\n");
  write_file(folder.root / ".0123456789abcdef.partial", "half");
  EXPECT_NO_THROW(folder.check(false));
  EXPECT_NO_THROW(folder.check(true));
  EXPECT_THAT(error_of([&] { own_begun(folder); }), HasSubstr("no run has begun there"));
  {
    const auto owner = own(folder);
    folder.create("seed = 1\n", false);
  }
  EXPECT_EQ(read_file(folder.config()), "seed = 1\n");
  EXPECT_FALSE(std::filesystem::exists(folder.lock()));
  EXPECT_FALSE(std::filesystem::exists(folder.root / ".0123456789abcdef.partial"));
}

TEST(RunFolder, OfSomebodyElseIsLeftAlone) {
  TemporaryFolder temporary;
  const RunFolder folder{temporary / "photos"};
  make_folder(folder.root);
  write_file(folder.root / "a.png", "picture");
  EXPECT_THAT(error_of([&] { folder.check(false); }), HasSubstr("exists already"));
  EXPECT_THAT(error_of([&] { folder.check(true); }), HasSubstr("not the folder of a run"));
  { const auto owner = own(folder); }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.root), {}), 1);
  std::filesystem::create_symlink(temporary / "nowhere", temporary / "link");
  EXPECT_THAT(error_of([&] { RunFolder{temporary / "link"}.check(false); }), HasSubstr("exists already"));
}

/// Killed at any moment while a run is replaced: the folder holds the old run or the new one.
TEST(RunFolder, HoldsARunWhileItIsReplaced) {
  TemporaryFolder temporary;
  const RunFolder folder{temporary / "run"};
  folder.create("seed = 1\n", false);
  make_folder(folder.report().parent_path());
  make_folder(folder.last().parent_path());
  for (const auto& file : {folder.split(), folder.known(), folder.model(), folder.last(), folder.previous(), folder.report()})
    write_file(file, "old");
  folder.create("seed = 2\n", true);
  EXPECT_EQ(read_file(folder.config()), "seed = 2\n");
  for (const auto& file : {folder.split(), folder.known(), folder.model(), folder.last(), folder.previous(), folder.report()})
    EXPECT_FALSE(std::filesystem::exists(file)) << file;
}

TEST(RunOwner, IsOneProcess) {
  TemporaryFolder temporary;
  const RunFolder folder{temporary / "run"};
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const auto owner = own(folder);
    [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(error_of([&] { own(folder); }), HasSubstr(fmt::format("is being worked on by process {} on ", other)));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  {
    const auto owner = own(folder), same = own({temporary / "." / "run"});
    EXPECT_EQ(owner, same);
  }
  EXPECT_FALSE(std::filesystem::exists(folder.root));  // nothing began in it
}

}  // namespace
}  // namespace leaf
