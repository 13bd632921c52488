// A library to preload (LD_PRELOAD) that lets the n-th change of a file end in a fault; scripts/kill-test uses it. Counted are
// the calls that change something below the folder LEAF_FAULTS_BELOW: making, opening to write, writing, synchronizing, renaming
// and removing; several writes to one file in a row are one.
//   LEAF_FAULTS=kill:N   the process is killed before the N-th call
//   LEAF_FAULTS=fail:N   the N-th call alone fails, with "No space left on device"
//   LEAF_FAULTS=full:N   so do all calls from the N-th on that need space
//   LEAF_FAULTS=count    the number of calls is written to the file LEAF_FAULTS_COUNT at the end of the process
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <string>
#include <string_view>

namespace {

enum class Mode { none, count, kill, fail, full };

struct Plan {
  Mode mode = Mode::none;
  long at = 0;
  std::string below;
  std::atomic<long> calls = 0;

  Plan() {
    const char* const said = ::getenv("LEAF_FAULTS");
    const char* const folder = ::getenv("LEAF_FAULTS_BELOW");
    if (said == nullptr || folder == nullptr) return;
    const std::string_view text(said);
    mode = text.starts_with("kill:")   ? Mode::kill
           : text.starts_with("fail:") ? Mode::fail
           : text.starts_with("full:") ? Mode::full
           : text == "count"           ? Mode::count
                                       : Mode::none;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) at = ::atol(said + colon + 1);
    below = folder;
  }
  ~Plan() {
    const char* const path = ::getenv("LEAF_FAULTS_COUNT");
    if (mode != Mode::count || path == nullptr) return;
    if (FILE* const file = ::fopen(path, "w")) {
      ::fprintf(file, "%ld\n", calls.load());
      ::fclose(file);
    }
  }
};

Plan& plan() {
  static Plan plan;
  return plan;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool counts(const char* path) {
  if (plan().mode == Mode::none || path == nullptr) return false;
  if (path[0] == '/') return std::string_view(path).starts_with(plan().below);
  char folder[PATH_MAX];
  return ::getcwd(folder, sizeof(folder)) != nullptr && (std::string(folder) + "/" + path).starts_with(plan().below);
}

bool counts(int descriptor) {
  if (plan().mode == Mode::none) return false;
  char link[64], path[PATH_MAX];
  ::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(link, path, sizeof(path) - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return counts(static_cast<const char*>(path));
}

/// Whether this call is to fail; it does not return where it is to be killed.
bool faulty(bool needs_space, int written = -1) {
  static std::atomic<int> last = -1;  // the descriptor of the last change, where that was a write
  if (last.exchange(written) == written && written >= 0) return false;
  const long call = ++plan().calls;
  if (plan().mode == Mode::kill && call == plan().at) ::raise(SIGKILL);
  const bool fails =
      (plan().mode == Mode::fail && call == plan().at) || (plan().mode == Mode::full && call >= plan().at && needs_space);
  if (fails) errno = ENOSPC;
  return fails;
}

bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

/// open() under one of its names, with the mode that follows the flags where a file may be made.
int open_by(const char* name, const char* path, int flags, va_list rest) {
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  if (writes(flags) && counts(path) && faulty((flags & O_CREAT) != 0)) return -1;
  return next<int(const char*, int, ...)>(name)(path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int file = open_by("open", path, flags, rest);
  va_end(rest);
  return file;
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int file = open_by("open64", path, flags, rest);
  va_end(rest);
  return file;
}
ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (counts(descriptor) && faulty(true, descriptor)) return -1;
  return next<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, size);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  if (counts(descriptor) && faulty(true, descriptor)) return -1;
  return next<ssize_t(int, const void*, size_t, off_t)>("pwrite")(descriptor, bytes, size, offset);
}
int fsync(int descriptor) {
  if (counts(descriptor) && faulty(true)) return -1;
  return next<int(int)>("fsync")(descriptor);
}
int rename(const char* from, const char* to) {
  if (counts(to) && faulty(false)) return -1;
  return next<int(const char*, const char*)>("rename")(from, to);
}
int mkdir(const char* path, mode_t mode) {
  if (counts(path) && faulty(true)) return -1;
  return next<int(const char*, mode_t)>("mkdir")(path, mode);
}
int unlink(const char* path) {
  if (counts(path) && faulty(false)) return -1;
  return next<int(const char*)>("unlink")(path);
}
int unlinkat(int folder, const char* path, int flags) {
  if ((folder == AT_FDCWD ? counts(path) : counts(folder)) && faulty(false)) return -1;
  return next<int(int, const char*, int)>("unlinkat")(folder, path, flags);
}
int remove(const char* path) {
  if (counts(path) && faulty(false)) return -1;
  return next<int(const char*)>("remove")(path);
}
int rmdir(const char* path) {
  if (counts(path) && faulty(false)) return -1;
  return next<int(const char*)>("rmdir")(path);
}

}  // extern "C"
