#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace leaf {

/// The two doors to the outside of a program. What goes through them cannot steer a terminal: control and direction characters,
/// and bytes that are no UTF-8, become visible (printable() in text.h); line ends stay.

/// Nobody reads standard output any more: a closed terminal, or a pipe as of `| head`. No fault, so the program ends in silence.
struct NobodyReads {};

/// Writes to standard output. Throws Error when that fails (a full disk), NobodyReads when its reader is gone.
void write_output(std::string_view text);
template <typename... Args>
void print(fmt::format_string<Args...> text, Args&&... args) {
  write_output(fmt::format(text, std::forward<Args>(args)...));
}

/// Writes to standard error. Never fails: a terminal, pipe or log that went away, or is full, must not end the work.
void write_remark(std::string_view text);
template <typename... Args>
void remark(fmt::format_string<Args...> text, Args&&... args) {
  write_remark(fmt::format(text, std::forward<Args>(args)...));
}

/// Standard error where it is a terminal: a line that is drawn over the line drawn before, cut to the terminal's width.
bool draws_lines();
void draw_line(std::string_view line);
void clear_line();

/// From now on a write to a closed pipe or beyond the allowed size of a file fails with an error code instead of a signal that
/// ends the process. For the beginning of main().
void fail_instead_of_signals();

/// From now on the process goes on when its terminal is closed.
void outlive_terminal();

}  // namespace leaf
