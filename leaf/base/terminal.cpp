#include "leaf/base/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#include "leaf/base/descriptor.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

constexpr std::string_view kOver = "\r\033[K";  // to the first column, and nothing behind it

/// Printable, but for line ends and tabs.
std::string lines_of(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\n\t"), text.size());
    shown += printable(text.substr(0, end));
    if (end < text.size()) shown += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return shown;
}

bool write_text(int descriptor, std::string_view text) { return write_all(descriptor, std::as_bytes(std::span(text))); }

size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

/// The beginning of the text that takes at most so many columns; a character of UTF-8 takes one.
std::string_view cut(std::string_view text, size_t columns) {
  size_t i = 0;
  for (size_t shown = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (starts && ++shown > columns) break;
  }
  return text.substr(0, i);
}

}  // namespace

void write_output(std::string_view text) {
  if (write_text(STDOUT_FILENO, lines_of(text))) return;
  if (errno == EPIPE || errno == EIO) throw NobodyReads();
  fail("cannot write the output: {}; free some space or write to another file", std::strerror(errno));
}

void write_remark(std::string_view text) { write_text(STDERR_FILENO, lines_of(text)); }

bool draws_lines() { return ::isatty(STDERR_FILENO) == 1; }

void draw_line(std::string_view line) {
  const auto shown = printable(line);
  write_text(STDERR_FILENO, std::string(kOver) + std::string(cut(shown, terminal_width() - 1)));
}

void clear_line() { write_text(STDERR_FILENO, kOver); }

void fail_instead_of_signals() {
  for (const int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_IGN);
}

void outlive_terminal() { ::signal(SIGHUP, SIG_IGN); }

}  // namespace leaf
