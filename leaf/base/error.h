#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "leaf/base/text.h"

namespace leaf {

/// Something the user can fix: a missing file, a label outside the list, a full disk.
/// The text is one printable line, whatever the names in it: what was expected, what was found, where, and what to do.
/// A broken promise between functions of LEAF itself is an assertion (TORCH_CHECK, std::logic_error), not an Error.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string_view text) : std::runtime_error(printable(text)) {}
};

/// An option, command or value that does not exist or cannot be meant; the command line ends with exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// A file of LEAF's own that is not as it was written: cut, changed, or with values that cannot be.
class Damage : public Error {
 public:
  using Error::Error;
};

/// Throws Error with the formatted text.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw Error(fmt::format(text, std::forward<Args>(args)...));
}

/// Throws UsageError with the formatted text.
template <typename... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> text, Args&&... args) {
  throw UsageError(fmt::format(text, std::forward<Args>(args)...));
}

/// Throws Damage: "PATH is damaged: what was found".
template <typename... Args>
[[noreturn]] void fail_damaged(const std::filesystem::path& path, fmt::format_string<Args...> text, Args&&... args) {
  throw Damage(fmt::format("{} is damaged: {}", path.string(), fmt::format(text, std::forward<Args>(args)...)));
}

}  // namespace leaf
