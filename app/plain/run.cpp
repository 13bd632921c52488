#include "app/run.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/plain/commands.h"
#include "leaf/base/error.h"

namespace leaf::app {
namespace {

/// Becomes `leaf-tensor`, which loads libtorch; it lies beside this program or in ../libexec/leaf.
[[noreturn]] void hand_over(char** argv) {
  // OpenMP's threads spin while they wait, which on a busy machine costs more than it gains; the user's own choice stands.
  ::setenv("OMP_WAIT_POLICY", "passive", 0);
  // Each step takes and frees the same memory; to give it back to the system in between costs a tenth of a step.
  ::setenv("MALLOC_MMAP_THRESHOLD_", "33554432", 0);
  ::setenv("MALLOC_TRIM_THRESHOLD_", "4294967296", 0);
  const auto folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  for (const auto& path : {folder / "leaf-tensor", folder.parent_path() / "libexec" / "leaf" / "leaf-tensor"}) {
    if (std::filesystem::exists(path)) {
      ::execv(path.c_str(), argv);
      fail("cannot start {}: {}", path.string(), std::strerror(errno));
    }
  }
  fail("leaf-tensor is missing beside {}; install LEAF again", (folder / "leaf").string());
}

}  // namespace

void run(const Arguments& arguments, char** argv) {
  if (arguments.needs_tensors()) hand_over(argv);
  if (arguments.command == "datasets") return print_datasets(arguments.format);
  return write_split(arguments.split);
}

}  // namespace leaf::app
