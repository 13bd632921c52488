#include "leaf/data/readers/reading.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"

namespace leaf {

std::vector<std::string> Tally::remarks() const {
  std::vector<std::string> result;
  for (const auto& [reason, count] : counts_) result.push_back(fmt::format("{} {}", grouped(count), reason));
  return result;
}

void for_each_line(const std::string& text, std::string_view name,
                   const std::function<void(const std::vector<std::string>&, int64_t)>& row) {
  std::string_view rest = text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  for (int64_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::vector<std::string> words;
    for (auto line = trim(rest.substr(0, end)); !line.empty();) {
      const auto word = std::min(line.find_first_of(" \t"), line.size());
      words.emplace_back(line.substr(0, word));
      line = trim(line.substr(word));
      check_list(number, std::ssize(words), name, number);
    }
    if (!words.empty()) row(words, number);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

int64_t integer_in(std::string_view text, int64_t low, int64_t high, std::string_view what, std::string_view where) {
  const auto value = to_integer(trim(text));
  if (!value || *value < low || *value > high)
    fail("{}: the {} must be an integer from {} to {}, not \"{}\"", where, what, low, high, printable(text));
  return *value;
}

namespace {

[[noreturn]] void fail_missing(const Source& source, const std::vector<std::string>& paths, std::string_view what) {
  fail("{}: {} not found; looked for {}", source.name(), what, join(paths, " and "));
}

}  // namespace

std::string first_folder(const Source& source, const std::vector<std::string>& paths, std::string_view what) {
  for (const auto& path : paths) {
    if (source.has_folder(path)) return path;
  }
  fail_missing(source, paths, what);
}

bool find_file(const Source& source, const std::vector<std::string>& paths, std::string& found) {
  for (const auto& path : paths) {
    if (!source.has_file(path)) continue;
    found = path;
    return true;
  }
  return false;
}

std::string first_file(const Source& source, const std::vector<std::string>& paths, std::string_view what) {
  std::string found;
  if (!find_file(source, paths, found)) fail_missing(source, paths, what);
  return found;
}

bool part_of(std::string_view word, Part& part) {
  static const std::map<std::string, Part, std::less<>> kParts = {
      {"train", Part::train},           {"training", Part::train},        {"val", Part::validation}, {"valid", Part::validation},
      {"validation", Part::validation}, {"publictest", Part::validation}, {"dev", Part::validation}, {"test", Part::test},
      {"testing", Part::test},          {"privatetest", Part::test},
  };
  auto name = lower(trim(word));
  for (const std::string_view ending : {"_set", "-set", " set", "set"}) {
    if (name.ends_with(ending)) {
      name.resize(name.size() - ending.size());
      break;
    }
  }
  const auto found = kParts.find(name);
  if (found == kParts.end()) return false;
  part = found->second;
  return true;
}

std::string child_folder(const Source& source, const std::string& folder, const std::vector<std::string>& names) {
  if (!source.has_folder(folder)) return "";
  for (const auto& name : source.folders(folder)) {
    if (std::find(names.begin(), names.end(), lower(name)) != names.end()) return join_path(folder, name);
  }
  return "";
}

int64_t add_pictures(const Source& source, const std::string& folder, int64_t label, Part part, Listing& listing) {
  const auto paths = source.pictures_below(folder);
  for (const auto& path : paths) {
    Record record;
    record.path = path;
    record.label = label;
    record.part = part;
    listing.records.push_back(std::move(record));
  }
  return static_cast<int64_t>(paths.size());
}

}  // namespace leaf
