#include "leaf/data/readers/class_folders.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/expressions.h"

namespace leaf {
namespace {

int64_t class_of(const std::string& folder, const std::map<std::string, int64_t>& codes, const std::vector<std::string>& classes) {
  if (is_unlabeled_name(folder)) return kUnlabeled;
  if (const auto code = codes.find(lower(folder)); code != codes.end()) return code->second;
  const auto found = std::find(classes.begin(), classes.end(), class_name(folder));
  return found == classes.end() ? -2 : found - classes.begin();
}

void add_part(const Source& source, const PartFolder& part, const std::map<std::string, int64_t>& codes, Listing& listing) {
  std::vector<std::string> folder_of(listing.classes.size());
  for (const auto& folder : source.folders(part.path)) {
    const auto path = join_path(part.path, folder);
    const auto label = class_of(folder, codes, listing.classes);
    if (label < kUnlabeled) {
      fail("{}: the folder {} is none of the classes {}", source.name(), printable(path), printable(join(listing.classes)));
    }
    if (label >= 0 && !folder_of[label].empty()) {
      fail("{}: the folders {} and {} both mean {}; put them together", source.name(), printable(folder_of[label]), printable(path), listing.classes[label]);
    }
    if (label >= 0) folder_of[label] = path;
    const auto count = add_pictures(source, path, label, part.part, listing);
    if (count == 0 && label >= 0) fail("{}: the class folder {} holds no picture; fill it or remove it", source.name(), printable(path));
  }
  for (size_t label = 0; label < folder_of.size(); ++label) {
    if (!folder_of[label].empty() || part.part != Part::train) continue;
    fail("{}: there is no folder for the class {} in {}", source.name(), printable(listing.classes[label]), part.path.empty() ? "it" : printable(part.path));
  }
}

}  // namespace

std::vector<PartFolder> part_folders(const Source& source, const std::string& folder) {
  std::map<Part, std::string> found;
  if (!source.has_folder(folder)) return {};
  for (const auto& name : source.folders(folder)) {
    Part part{};
    if (!part_of(name, part)) continue;
    const auto [other, is_new] = found.emplace(part, join_path(folder, name));
    if (!is_new) fail("{}: the folders {} and {} mean the same part; keep one", source.name(), printable(other->second), printable(join_path(folder, name)));
  }
  std::vector<PartFolder> result;
  for (const auto& [part, path] : found) result.push_back({path, part});
  return result;
}

bool is_unlabeled_name(std::string_view name) {
  const auto word = lower(trim(name));
  return word == "unlabeled" || word == "unlabelled";
}

void add_class_folders(const Source& source, const std::vector<PartFolder>& parts, const std::map<std::string, int64_t>& codes, Listing& listing) {
  for (const auto& part : parts) {
    add_part(source, part, codes, listing);
    for (const auto& name : source.pictures(part.path)) {  // beside the class folders: nobody says what they are
      Record record;
      record.path = join_path(part.path, name);
      record.part = part.part;
      listing.records.push_back(std::move(record));
    }
  }
}

}  // namespace leaf
