#include "leaf/base/claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "leaf/base/error.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

TEST(Claim, BelongsToOneAtATime) {
  TemporaryFolder folder;
  {
    const auto claim = Claim::attempt(folder / "lock");
    EXPECT_TRUE(claim.has_value());
    EXPECT_FALSE(Claim::attempt(folder / "lock").has_value());
  }
  EXPECT_TRUE(Claim::attempt(folder / "lock").has_value());
  EXPECT_THROW(Claim::attempt(folder / "missing/lock"), Error);
}

TEST(Claim, SaysWhoseItIs) {
  TemporaryFolder folder;
  EXPECT_EQ(Claim::holder(folder / "lock"), "another process");
  const auto claim = Claim::attempt(folder / "lock");
  EXPECT_THAT(Claim::holder(folder / "lock"), testing::StartsWith(fmt::format("process {} on ", ::getpid())));
}

TEST(Claim, IsNoneWhenItsFileWasRemoved) {
  TemporaryFolder folder;
  auto claim = Claim::attempt(folder / "lock");
  claim->remove_file();
  EXPECT_TRUE(Claim::attempt(folder / "lock").has_value());  // a new file
  std::filesystem::create_symlink(folder / "victim", folder / "link");
  EXPECT_THROW(Claim::attempt(folder / "link"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "victim"));
}

TEST(Claim, OfAKilledProcessIsFreeAgain) {
  TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const auto claim = Claim::attempt(folder / "lock");
    [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(Claim::attempt(folder / "lock").has_value());
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  EXPECT_TRUE(Claim::attempt(folder / "lock").has_value());
}

TEST(Claim, IsWaitedFor) {
  TemporaryFolder folder;
  auto claim = Claim::attempt(folder / "lock");
  std::atomic<bool> given_back = false;
  std::jthread waiting([&] {
    const auto own = Claim::wait(folder / "lock");
    EXPECT_TRUE(given_back);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  given_back = true;
  claim.reset();
}

}  // namespace
}  // namespace leaf
