#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace leaf {

/// A descriptor of a file, or none (below 0), that is closed on every way out.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;

  int get() const { return value_; }

 private:
  int value_;
};

/// Writes all bytes, in several calls where it must. False when that fails; errno says why.
bool write_all(int descriptor, std::span<const std::byte> bytes);

}  // namespace leaf
