#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "leaf/base/descriptor.h"

namespace leaf {

/// The right to work on something, held by one process at a time: an advisory lock (flock) on a file. The system gives it back
/// when the process ends, however it ends, so that a killed process leaves no stale claim. The file says whose it is.
class Claim {
 public:
  /// Nothing when another process has it. Throws Error when the file cannot be made or locked, or is a link.
  static std::optional<Claim> attempt(const std::filesystem::path& path);
  /// Waits until it is free.
  static Claim wait(const std::filesystem::path& path);
  /// "process 1234 on HOST", as the file of a claim says; "another process" when it does not.
  static std::string holder(const std::filesystem::path& path);

  /// Removes the file while the claim is held.
  void remove_file() const;

 private:
  explicit Claim(const std::filesystem::path& path);
  /// Nothing when another process has it and `operation` (flock) does not wait.
  static std::optional<Claim> take(const std::filesystem::path& path, int operation);

  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace leaf
