#include "app/output.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"

namespace leaf::app {

void check_output(const std::string& path, bool force) {
  if (path.empty() || force || !std::filesystem::exists(path)) return;
  fail("{} exists already; choose another name, or replace it with --force", path);
}

void deliver(const std::string& text, const std::string& path) {
  if (!path.empty()) return write_file(path, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail("cannot write the output; is the disk full?");
}

}  // namespace leaf::app
