#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace leaf::app {

/// Copies of this program with the same command line that work on the same grid. They end when this process does, however it
/// ends.
class Workers {
 public:
  /// Starts `count` of them with `--worker=ID`, the number of this process, behind the command. Throws Error.
  Workers(int64_t count, char** argv);
  /// Waits until they have ended.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  std::vector<pid_t> ids_;
};

/// What this program prints with other words, without its first; it works while this process waits. Throws Error when it fails.
std::string output_of(const std::vector<std::string>& words);

/// For a worker: end when the process with that number, which started this one, ends.
void end_with_parent(int64_t parent);

}  // namespace leaf::app
