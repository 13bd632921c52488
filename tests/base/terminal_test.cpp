#include "leaf/base/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/stop.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

/// Standard output or error goes elsewhere while it lives.
class Redirected {
 public:
  Redirected(int stream, const std::string& path) : stream_(stream), before_(::dup(stream)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0644);
    ::dup2(file, stream_);
    ::close(file);
  }
  ~Redirected() {
    ::dup2(before_, stream_);
    ::close(before_);
  }

 private:
  int stream_, before_;
};

TEST(Terminal, IsNotSteeredByNames) {
  TemporaryFolder folder;
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    const auto path = folder / std::to_string(stream);
    {
      const Redirected redirected(stream, path);
      if (stream == STDOUT_FILENO) print("{}\t1\n", "a\x1b]0;owned\x07");
      if (stream == STDERR_FILENO) remark("{}\t1\n", "a\x1b]0;owned\x07");
    }
    EXPECT_EQ(read_file(path), "a\\x1b]0;owned\\x07\t1\n");
  }
}

TEST(Terminal, ThatIsFullOrGoneIsTold) {
  fail_instead_of_signals();
  {
    const Redirected full(STDOUT_FILENO, "/dev/full");
    EXPECT_THROW(print("x"), Error);
  }
  {
    const Redirected full(STDERR_FILENO, "/dev/full");
    EXPECT_NO_THROW(remark("x"));
  }
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int before = ::dup(STDOUT_FILENO);
  ::dup2(ends[1], STDOUT_FILENO);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_THROW(print("x"), NobodyReads);
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
}

TEST(StopSignals, AskOnceAndThenEnd) {
  EXPECT_EQ(StopSignals::asked(), 0);
  {
    const StopSignals signals;
    ::raise(SIGTERM);
    EXPECT_EQ(StopSignals::asked(), SIGTERM);
    EXPECT_EXIT(::raise(SIGTERM), testing::KilledBySignal(SIGTERM), "");
  }
  EXPECT_EQ(StopSignals::asked(), 0);
}

}  // namespace
}  // namespace leaf
