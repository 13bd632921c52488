#pragma once

#include <filesystem>
#include <optional>

namespace leaf {

/// The right to work on something, held by one process at a time: an advisory lock (flock) on a file. The system gives it back
/// when the process ends, however it ends, so that a killed process leaves no stale claim. The file stays; it is empty.
class Claim {
 public:
  /// Nothing when another process has it. Throws Error when the file cannot be made or locked.
  static std::optional<Claim> attempt(const std::filesystem::path& path);
  /// Waits until it is free.
  static Claim wait(const std::filesystem::path& path);

  ~Claim();
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&&) = delete;
  Claim(const Claim&) = delete;

 private:
  explicit Claim(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace leaf
