#include "leaf/base/claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "leaf/base/error.h"

namespace leaf {
namespace {

int open_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) fail("cannot write {}: {}; check the path and its permissions", path.string(), std::strerror(errno));
  return descriptor;
}

/// Whether the lock was taken; false only for LOCK_NB.
bool lock(int descriptor, int operation, const std::filesystem::path& path) {
  while (::flock(descriptor, operation) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return false;
    fail("cannot lock {}: {}; choose a folder on another file system", path.string(), std::strerror(errno));
  }
  return true;
}

}  // namespace

std::optional<Claim> Claim::attempt(const std::filesystem::path& path) {
  Claim claim(open_file(path));
  if (!lock(claim.descriptor_, LOCK_EX | LOCK_NB, path)) return std::nullopt;
  return claim;
}

Claim Claim::wait(const std::filesystem::path& path) {
  Claim claim(open_file(path));
  lock(claim.descriptor_, LOCK_EX, path);
  return claim;
}

Claim::~Claim() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Claim::Claim(Claim&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace leaf
