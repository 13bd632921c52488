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
  // OpenMP's threads spin while they wait: a few microseconds, which the next piece of work is often there within. Longer costs a
  // busy machine more than it gains. The user's own choice stands.
  if (::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "10000", 0);
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
  print_datasets(arguments.format);
}

}  // namespace leaf::app
