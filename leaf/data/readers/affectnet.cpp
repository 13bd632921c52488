#include <algorithm>
#include <map>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"
#include "leaf/data/npy.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/class_folders.h"

namespace leaf {
namespace {

constexpr int64_t kContempt = 7, kLastCode = 10;  // 8 none, 9 uncertain, 10 no face
constexpr int64_t kFarthest = 1'000'000;          // pixels

struct PartName {
  const char* name;
  Part part;
};

/// Lists one release of AffectNet with the first `classes` of its eight classes.
class Lister {
 public:
  Lister(const Source& source, int64_t classes) : source_(source), classes_(classes) {
    listing_.classes = {"neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"};
    listing_.classes.resize(static_cast<size_t>(classes));
  }

  /// The first release: training.csv and validation.csv with face boxes.
  bool old_release() {
    bool found = false;
    for (const auto& [name, part] : {PartName{"training.csv", Part::train}, PartName{"validation.csv", Part::test}}) {
      std::string path;
      if (!find_file(source_, {name, std::string("Manually_Annotated_file_lists/") + name, std::string("Manually_Annotated/") + name}, path)) continue;
      add_csv(path, part);
      found = true;
    }
    return found;
  }

  /// The second release: one small file for each picture's label.
  bool new_release() {
    bool found = false;
    for (const auto& [name, part] : {PartName{"train_set", Part::train}, PartName{"val_set", Part::test}}) {
      if (!source_.has_folder(name)) continue;
      add_annotations(name, part);
      found = true;
    }
    return found;
  }

  /// LEAF's: class folders to train on, and names with labels in validation.npy to test on.
  bool class_folders() {
    const std::string folder = classes_ == 7 ? "split_7" : "split";
    if (!source_.has_folder(folder)) return false;
    std::map<std::string, int64_t> codes;
    for (int64_t code = 0; code < classes_; ++code) codes[std::to_string(code)] = code;
    add_class_folders(source_, {{folder, Part::train}}, codes, listing_);
    if (source_.has_file("validation.npy")) add_names("validation.npy");
    return true;
  }

  Listing take() {
    for (auto& remark : dropped_.remarks()) listing_.dropped.push_back(std::move(remark));
    return std::move(listing_);
  }

 private:
  /// Adds the face unless its code stands for no class of these.
  void add(Record record, int64_t code) {
    if (code > kContempt) return dropped_.add("faces marked as none, uncertain or no face");
    if (code >= classes_) return dropped_.add("faces that show contempt");
    record.label = code;
    listing_.records.push_back(std::move(record));
  }

  void add_csv(const std::string& path, Part part) {
    const auto folder = first_folder(source_, {"Manually_Annotated_Images", "Manually_Annotated/Manually_Annotated_Images", "Manually_Annotated", ""},
                                     "the folder of pictures");
    listing_.lists.push_back(path);
    const std::string text = source_.read(path);
    CsvReader rows(text, join_path(source_.name(), path));
    const CsvHeader header(rows);
    const auto name = header.at("subdirectory_filepath"), expression = header.at("expression");
    const int64_t sides[] = {header.at("face_x"), header.at("face_y"), header.at("face_width"), header.at("face_height")};
    for (std::vector<std::string> fields; rows.next(fields);) {
      header.check(rows, fields);
      Record record;
      record.path = join_path(folder, fields[name]);
      record.part = part;
      record.list = static_cast<int32_t>(listing_.lists.size()) - 1;
      record.line = rows.line();
      const auto code = integer_in(fields[expression], 0, kLastCode, "expression", rows.where());
      if (code <= kContempt) record.box = read_box(fields, sides, rows.where());
      add(std::move(record), code);
    }
  }

  static Box read_box(const std::vector<std::string>& fields, const int64_t (&sides)[4], const std::string& where) {
    int64_t values[4];
    for (int i = 0; i < 4; ++i) values[i] = integer_in(fields[sides[i]], i < 2 ? -kFarthest : 1, kFarthest, i < 2 ? "corner of the face" : "side of the face", where);
    return {values[0], values[1], values[2], values[3]};
  }

  void add_annotations(const std::string& base, Part part) {
    const auto folder = join_path(base, "annotations");
    std::map<std::pair<size_t, std::string>, std::string> sorted;  // numbers in the order of their size
    for (const auto& entry : source_.entries(folder)) {
      if (entry.folder || !entry.name.ends_with("_exp.npy")) continue;
      const auto id = entry.name.substr(0, entry.name.size() - 8);
      sorted[{id.size(), id}] = join_path(folder, entry.name);
    }
    for (const auto& [key, path] : sorted) {
      Record record;
      record.path = picture_path(base, key.second);
      record.part = part;
      const auto array = parsed(path);
      if (array.values.size() != 1) fail("{}: one label expected, found {}", join_path(source_.name(), path), array.values.size());
      add(std::move(record), integer_in(array.values[0], 0, kLastCode, "expression", join_path(source_.name(), path)));
    }
  }

  std::string picture_path(const std::string& base, const std::string& id) const {
    const auto stem = join_path(base, "images/" + id);
    return !source_.has_file(stem + ".jpg") && source_.has_file(stem + ".png") ? stem + ".png" : stem + ".jpg";
  }

  void add_names(const std::string& path) {
    const auto folder = first_folder(source_, {"align", "aligned"}, "the folder of the pictures named in validation.npy");
    const auto array = parsed(path);
    if (array.shape.size() != 2 || array.shape[1] != 2) fail("{}: rows of a name and a label expected", join_path(source_.name(), path));
    listing_.lists.push_back(path);
    for (int64_t row = 0; row < array.shape[0]; ++row) {
      Record record;
      record.path = join_path(folder, array.values[2 * row]);
      record.part = Part::test;
      record.list = static_cast<int32_t>(listing_.lists.size()) - 1;
      record.line = row + 1;
      add(std::move(record), integer_in(array.values[2 * row + 1], 0, kLastCode, "label", fmt::format("{} row {}", join_path(source_.name(), path), row + 1)));
    }
  }

  NpyArray parsed(const std::string& path) const {
    try {
      return parse_npy(source_.read(path));
    } catch (const Error& error) {
      fail("{}: {}", join_path(source_.name(), path), error.what());
    }
  }

  const Source& source_;
  int64_t classes_;
  Listing listing_;
  Tally dropped_;
};

Listing list(const Source& source, int64_t classes) {
  Lister lister(source, classes);
  if (!lister.old_release() && !lister.new_release() && !lister.class_folders()) {
    fail("{} does not look like AffectNet: expected {}", source.name(), readers().at(classes == 7 ? "affectnet7" : "affectnet8").layout);
  }
  return lister.take();
}

bool has_release(const Source& source) {
  return source.has_folder("train_set/annotations") || source.has_folder("val_set/annotations") || source.has_file("Manually_Annotated_file_lists/training.csv") ||
         (source.has_file("training.csv") && source.has_folder("Manually_Annotated_Images"));
}

Reader reader(int64_t classes) {
  const std::string folder = classes == 7 ? "split_7" : "split";
  return {.help = fmt::format("AffectNet, {} classes; its validation set is tested on, as in all papers, since there is no other", classes),
          .layout = fmt::format("training.csv and validation.csv (at the top or in Manually_Annotated_file_lists) and Manually_Annotated_Images; or train_set and "
                                "val_set with images and annotations/*_exp.npy; or {}/0 … {}, validation.npy and align",
                                folder, classes - 1),
          .citation = "Mollahosseini et al., AffectNet: A Database for Facial Expression, Valence, and Arousal Computing in the Wild, IEEE TAC 2019, arXiv "
                      "1708.03985",
          .recognizes = [folder](const Source& source) { return has_release(source) || (source.has_folder(folder) && source.has_file("validation.npy")); },
          .list = [classes](const Source& source, const DataOptions&) { return list(source, classes); }};
}

const Registration kAffectNet7{readers(), "affectnet7", reader(7)};
const Registration kAffectNet8{readers(), "affectnet8", reader(8)};

}  // namespace
}  // namespace leaf
