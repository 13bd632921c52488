#include "leaf/base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace leaf {

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace leaf
