#include "leaf/base/claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

enum class Locked { yes, busy, removed };

/// Locks the file that is open. One that was removed meanwhile is no claim: another process may have made a new one.
Locked lock(int descriptor, int operation, const std::filesystem::path& path) {
  while (::flock(descriptor, operation) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return Locked::busy;
    fail("cannot lock {}: {}; choose a folder on another file system", path.string(), std::strerror(errno));
  }
  struct stat open {
  }, named{};
  const bool same = ::fstat(descriptor, &open) == 0 && ::lstat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
                    open.st_ino == named.st_ino;
  return same ? Locked::yes : Locked::removed;
}

/// Writes into the file whose claim it is, for people; a disk that is full takes nothing from the claim.
void sign(int descriptor) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const auto text = fmt::format("process {} on {}\n", ::getpid(), host.data());
  if (::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, text.data(), text.size(), 0) < 0) errno = 0;
}

}  // namespace

Claim::Claim(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) {
  if (file_.get() >= 0) return;
  if (errno == ELOOP) fail("cannot write {}: it is a link; remove it", path.string());
  fail("cannot write {}: {}; check the path and its permissions", path.string(), std::strerror(errno));
}

std::optional<Claim> Claim::take(const std::filesystem::path& path, int operation) {
  for (;;) {
    Claim claim(path);
    const auto locked = lock(claim.file_.get(), operation, path);
    if (locked == Locked::busy) return std::nullopt;
    if (locked == Locked::removed) continue;
    sign(claim.file_.get());
    return claim;
  }
}

std::optional<Claim> Claim::attempt(const std::filesystem::path& path) { return take(path, LOCK_EX | LOCK_NB); }

Claim Claim::wait(const std::filesystem::path& path) { return std::move(*take(path, LOCK_EX)); }

std::string Claim::holder(const std::filesystem::path& path) {
  std::array<char, 400> text{};
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  const ssize_t count = file.get() < 0 ? -1 : ::read(file.get(), text.data(), text.size());
  const auto said = trim({text.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))});
  return said.empty() ? "another process" : printable(said);
}

void Claim::remove_file() const { ::unlink(path_.c_str()); }

}  // namespace leaf
