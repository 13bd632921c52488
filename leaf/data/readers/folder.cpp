#include <algorithm>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/expressions.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/class_folders.h"
#include "leaf/pictures/codec.h"

namespace leaf {
namespace {

/// The names of the class folders of all parts, in the order of the names as torchvision's ImageFolder has it.
std::vector<std::string> class_names(const Source& source, const std::vector<PartFolder>& parts) {
  std::set<std::string> folders;
  for (const auto& part : parts) {
    for (const auto& folder : source.folders(part.path)) {
      if (!is_unlabeled_name(folder)) folders.insert(folder);
    }
  }
  std::vector<std::string> classes;
  for (const auto& folder : folders) {
    const auto name = class_name(folder);
    if (std::find(classes.begin(), classes.end(), name) == classes.end()) classes.push_back(name);
  }
  return classes;
}

/// The parts, or the whole as training part.
std::vector<PartFolder> parts_of(const Source& source) {
  auto parts = part_folders(source, "");
  if (parts.empty()) return {{"", Part::train}};
  if (parts[0].part != Part::train)
    fail(
        "{}: the folder {} would be a part to test on or to choose by, but there is no folder train beside it; put the class "
        "folders to learn from there, or give {} another name",
        source.name(), parts[0].path, parts[0].path);
  for (const auto& name : source.folders("")) {
    Part part{};
    if (!part_of(name, part) && !is_unlabeled_name(name)) {
      fail("{}: the folder {} stands beside {}; expected only train, valid, test and unlabeled", source.name(), printable(name),
           parts[0].path);
    }
  }
  return parts;
}

/// A folder that is a link elsewhere would be a class or a part that nobody learns or tests.
void check_links(const Source& source, const std::vector<PartFolder>& parts) {
  std::vector<std::string> places = {""};
  for (const auto& part : parts) places.push_back(part.path);
  for (const auto& place : places) {
    for (const auto& each : source.left_out(place)) {
      if (each.reason == kLeadsOut && !is_image_name(each.name))
        fail("{}: {} is {}; put the folder itself there, or remove the link", source.name(), printable(each.name), kLeadsOut);
    }
  }
}

Listing list(const Source& source, const DataOptions&) {
  Listing listing;
  const auto parts = parts_of(source);
  check_links(source, parts);
  listing.classes = class_names(source, parts);
  add_class_folders(source, parts, {}, listing);
  if (!parts[0].path.empty()) {  // beside the parts: a folder without labels, and pictures
    const auto unlabeled = child_folder(source, "", {"unlabeled", "unlabelled"});
    if (!unlabeled.empty()) add_pictures(source, unlabeled, kUnlabeled, Part::train, listing);
  }
  listing.left_out = source.others_below("");
  const auto unknown =
      std::count_if(listing.records.begin(), listing.records.end(), [](const Record& record) { return record.label < 0; });
  if (unknown > 0 && !listing.classes.empty())
    listing.dropped.push_back(fmt::format("{} faces without a label", grouped(unknown)));
  return listing;
}

bool recognizes(const Source& source) {
  if (!source.pictures("").empty()) return true;
  const auto folders = source.folders("");
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    if (!source.pictures(folder).empty()) return true;
    const auto inner = source.folders(folder);
    return std::any_of(inner.begin(), inner.end(),
                       [&](const std::string& name) { return !source.pictures(join_path(folder, name)).empty(); });
  });
}

const Registration kFolder{
    readers(), "folder",
    Reader{.help = "your own pictures: a folder for each class, or one folder without labels",
           .layout =
               "CLASS/*.jpg, or train/CLASS/*.jpg with valid/ and test/ beside it; pictures in no class folder, and those in "
               "unlabeled/, are unlabeled",
           .citation = "",
           .recognizes = recognizes,
           .list = list,
           .general = true}};

}  // namespace
}  // namespace leaf
