#include "app/tensor/output.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/terminal.h"

namespace leaf::app {

void check_output(const std::string& path, bool force) {
  if (path.empty() || force || !std::filesystem::exists(path)) return;
  fail("{} exists already; choose another name, or replace it with --force", path);
}

void deliver(const std::string& text, const std::string& path) {
  if (!path.empty()) return write_file(path, text);
  write_output(text);
}

void check_run_folder(const RunFolder& folder, bool force) {
  if (force || !std::filesystem::exists(folder.config())) return folder.check(force);
  fail("{} holds a run already; continue it with --resume {}, replace it with --force, or choose another folder with --output",
       folder.root.string(), folder.root.string());
}

std::string last_name(const std::filesystem::path& path) {
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

std::string short_name(const std::string& source) {
  std::string name = source.substr(0, source.find(':'));
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

std::string stem_of(const std::filesystem::path& input) {
  auto stem = input.stem().string();
  for (char& c : stem) c = c == ':' ? '-' : c;
  return stem;
}

std::filesystem::path unused_path(const std::filesystem::path& folder, const std::string& stem, const char* ending) {
  auto path = folder / (stem + ending);
  for (int64_t copy = 2; std::filesystem::exists(path); ++copy) path = folder / fmt::format("{}-{}{}", stem, copy, ending);
  return path;
}

}  // namespace leaf::app
