#include "app/tensor/bench_processes.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "leaf/base/error.h"

namespace leaf::app {

Workers::Workers(int64_t count, char** argv) {
  auto worker = fmt::format("--worker={}", ::getpid());
  std::vector<char*> words;
  for (char** word = argv; *word != nullptr; ++word) {
    words.push_back(*word);
    if (words.size() == 2) words.push_back(worker.data());  // behind the command: what follows "--" is no option
  }
  words.push_back(nullptr);
  for (int64_t i = 0; i < count; ++i) {
    pid_t id = 0;
    const int code = ::posix_spawn(&id, "/proc/self/exe", nullptr, nullptr, words.data(), environ);
    if (code != 0) fail("cannot start process {} of {}: {}; try a smaller --jobs", i + 2, count + 1, std::strerror(code));
    ids_.push_back(id);
  }
}

Workers::~Workers() {
  for (const pid_t id : ids_) {
    while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) continue;  // what they did is in the grid's folder
  }
}

void end_with_parent(int64_t parent) {
  ::prctl(PR_SET_NAME, "leaf-tensor");  // it was started as /proc/self/exe, and would be listed as "exe"
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::raise(SIGTERM);  // it ended before the line above
}

}  // namespace leaf::app
