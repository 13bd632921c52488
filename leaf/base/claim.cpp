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
    : path_(path), descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) {
  if (descriptor_ >= 0) return;
  if (errno == ELOOP) fail("cannot write {}: it is a link; remove it", path.string());
  fail("cannot write {}: {}; check the path and its permissions", path.string(), std::strerror(errno));
}

std::optional<Claim> Claim::attempt(const std::filesystem::path& path) {
  for (;;) {
    Claim claim(path);
    const auto locked = lock(claim.descriptor_, LOCK_EX | LOCK_NB, path);
    if (locked == Locked::busy) return std::nullopt;
    if (locked == Locked::removed) continue;
    sign(claim.descriptor_);
    return claim;
  }
}

Claim Claim::wait(const std::filesystem::path& path) {
  for (;;) {
    Claim claim(path);
    if (lock(claim.descriptor_, LOCK_EX, path) == Locked::removed) continue;
    sign(claim.descriptor_);
    return claim;
  }
}

std::string Claim::holder(const std::filesystem::path& path) {
  std::array<char, 400> text{};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  const ssize_t count = descriptor < 0 ? -1 : ::read(descriptor, text.data(), text.size());
  if (descriptor >= 0) ::close(descriptor);
  const auto said = trim({text.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))});
  return said.empty() ? "another process" : printable(said);
}

void Claim::remove_file() const { ::unlink(path_.c_str()); }

Claim::~Claim() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Claim::Claim(Claim&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace leaf
