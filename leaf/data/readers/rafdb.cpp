#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/class_folders.h"

namespace leaf {
namespace {

const std::vector<std::string>& classes() {
  static const std::vector<std::string> kClasses = {"surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"};
  return kClasses;
}

/// Where a name of the label file is: train_00001.jpg -> aligned/train_00001_aligned.jpg, or as it stands.
std::string aligned_path(const Source& source, const std::string& folder, const std::string& name) {
  const auto dot = std::min(name.rfind('.'), name.size());
  const auto aligned = join_path(folder, name.substr(0, dot) + "_aligned" + name.substr(dot));
  const auto plain = join_path(folder, name);
  return !source.has_file(aligned) && source.has_file(plain) ? plain : aligned;
}

/// Lines `train_00001.jpg 5`; a third column, which some copies have, is not read. Without `part` the name says which it is.
void add_list(const Source& source, const std::string& path, const std::string& folder, const Part* part, Listing& listing) {
  listing.lists.push_back(path);
  for_each_line(source.read(path), join_path(source.name(), path), [&](const std::vector<std::string>& words, int64_t line) {
    const auto where = fmt::format("{} line {}", join_path(source.name(), path), line);
    if (words.size() < 2) fail("{}: expected a picture's name and its label, found \"{}\"", where, printable(words[0]));
    Record record;
    record.label = integer_in(words[1], 1, 7, "label", where) - 1;
    const bool known = words[0].starts_with("train") || words[0].starts_with("test");
    if (part == nullptr && !known) fail("{}: the name {} must begin with train or test", where, printable(words[0]));
    record.part = part != nullptr ? *part : words[0].starts_with("test") ? Part::test : Part::train;
    record.path = aligned_path(source, folder, words[0]);
    record.list = static_cast<int32_t>(listing.lists.size()) - 1;
    record.line = line;
    listing.records.push_back(std::move(record));
  });
}

const std::vector<std::string> kPartition = {"basic/EmoLabel/list_patition_label.txt", "EmoLabel/list_patition_label.txt",
                                             "basic/EmoLabel/list_partition_label.txt", "EmoLabel/list_partition_label.txt"};

bool has_lists(const Source& source) { return source.has_file("label/train.txt") || source.has_file("label/test.txt"); }

/// "" or "DATASET", whichever holds train/1 … train/7; nothing found = false.
bool find_folders(const Source& source, std::string& base) {
  for (const char* candidate : {"", "DATASET"}) {
    base = candidate;
    const auto train = join_path(base, "train");
    if (!source.has_folder(train)) continue;
    const auto names = source.folders(train);
    if (names == std::vector<std::string>{"1", "2", "3", "4", "5", "6", "7"}) return true;
  }
  return false;
}

/// Folders 1 … 7 below train and test. In the order of the names, which is that of the label file.
void add_folders(const Source& source, const std::string& base, Listing& listing) {
  std::map<std::string, int64_t> codes;
  for (int64_t label = 0; label < 7; ++label) codes[std::to_string(label + 1)] = label;
  add_class_folders(source, part_folders(source, base), codes, listing);
  const auto name = [](const Record& record) { return record.path.substr(record.path.rfind('/') + 1); };
  std::stable_sort(listing.records.begin(), listing.records.end(),
                   [&](const Record& a, const Record& b) { return a.part != b.part ? a.part < b.part : name(a) < name(b); });
}

Listing list(const Source& source, const DataOptions&) {
  Listing listing;
  listing.classes = classes();
  std::string found;
  if (find_file(source, kPartition, found)) {
    const std::string base = found.starts_with("basic/") ? "basic/" : "";
    add_list(source, found,
             first_folder(source, {base + "Image/aligned", base + "aligned", "aligned"}, "the folder of aligned faces"), nullptr,
             listing);
  } else if (has_lists(source)) {
    const auto folder = first_folder(source, {"aligned", "Image/aligned"}, "the folder of aligned faces");
    for (const auto& [file, part] : {std::pair("label/train.txt", Part::train), std::pair("label/test.txt", Part::test)}) {
      if (source.has_file(file))
        add_list(source, file, folder, &part, listing);
      else
        listing.dropped.push_back(fmt::format("no {}: the data set is read without it", file));
    }
  } else if (find_folders(source, found)) {
    add_folders(source, found, listing);
  } else {
    fail("{} does not look like RAF-DB: expected {}", source.name(), readers().at("rafdb").layout);
  }
  return listing;
}

bool recognizes(const Source& source) {
  std::string found;
  return find_file(source, kPartition, found) || (has_lists(source) && source.has_folder("aligned")) ||
         find_folders(source, found);
}

const Registration kRafDb{
    readers(), "rafdb",
    Reader{
        .help = "RAF-DB, single-label part: 15,339 aligned faces of 100x100, 7 classes",
        .layout = "basic/EmoLabel/list_patition_label.txt and basic/Image/aligned (or both without basic/); or label/train.txt, "
                  "label/test.txt and aligned; or DATASET/train/1 … 7 and DATASET/test/1 … 7",
        .citation = "Li et al., Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression Recognition in the "
                    "Wild, CVPR 2017",
        .recognizes = recognizes,
        .list = list}};

}  // namespace
}  // namespace leaf
