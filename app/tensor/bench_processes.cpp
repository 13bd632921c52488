#include "app/tensor/bench_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

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
  if (std::uncaught_exceptions() > 0) {
    for (const pid_t id : ids_) ::kill(id, SIGTERM);
  }
  for (const pid_t id : ids_) {
    while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) continue;  // what they did is in the grid's folder
  }
}

std::string output_of(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  std::vector<std::string> all = {"leaf"};
  all.insert(all.end(), words.begin(), words.end());
  for (auto& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot start another process: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t id = 0;
  const int code = ::posix_spawn(&id, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t count = 0; code == 0 && (count = ::read(ends[0], buffer, sizeof(buffer))) != 0;) {
    if (count > 0) output.append(buffer, static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) break;
  }
  ::close(ends[0]);
  if (code != 0) fail("cannot start another process: {}", std::strerror(code));
  int status = 0;
  while (::waitpid(id, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("leaf {} failed; its own words are above", join(words, " "));
  return output;
}

void end_with_parent(int64_t parent) {
  ::prctl(PR_SET_NAME, "leaf-tensor");  // it was started as /proc/self/exe, and would be listed as "exe"
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::raise(SIGTERM);  // it ended before the line above
}

}  // namespace leaf::app
