#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/class_folders.h"
#include "leaf/data/readers/fer2013_pixels.h"

namespace leaf {
namespace {

const std::vector<std::string> kCsvNames = {"fer2013.csv", "fer2013/fer2013.csv", "icml_face_data.csv"};

/// The names that FERPlus's authors give the rows, so that both data sets mean the same face by the same name.
std::string row_name(Part part, int64_t row) {
  const char* const folder = part == Part::train ? "FER2013Train" : part == Part::validation ? "FER2013Valid" : "FER2013Test";
  return fmt::format("{}/fer{:07}.png", folder, row);
}

void add_csv(const Source& source, const std::string& path, Listing& listing) {
  const auto pixels = read_fer2013(source, path);
  listing.lists = {path};
  listing.picture = pixels->picture();
  for (int64_t i = 0; i < pixels->rows(); ++i) {
    const auto& row = pixels->row(i);
    const auto where = fmt::format("{} line {}", join_path(source.name(), path), row.line);
    Record record;
    if (!part_of(row.usage, record.part)) fail("{}: the usage must be Training, PublicTest or PrivateTest, not \"{}\"", where, printable(row.usage));
    if (!row.emotion.empty()) record.label = integer_in(row.emotion, 0, 6, "emotion", where);
    record.path = row_name(record.part, i);
    record.list = 0;
    record.line = row.line;
    pixels->name(record.path, i);
    listing.records.push_back(std::move(record));
  }
}

bool has_folders(const Source& source) {
  const auto parts = part_folders(source, "");
  return !parts.empty() && parts[0].part == Part::train;
}

Listing list(const Source& source, const DataOptions&) {
  Listing listing;
  listing.classes = {"anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"};
  std::string found;
  if (!source.file().empty()) {
    add_csv(source, source.file(), listing);
  } else if (find_file(source, kCsvNames, found)) {
    add_csv(source, found, listing);
  } else if (has_folders(source)) {
    add_class_folders(source, part_folders(source, ""), {}, listing);
  } else {
    fail("{} does not look like FER2013: expected {}", source.name(), readers().at("fer2013").layout);
  }
  return listing;
}

bool recognizes(const Source& source) {
  if (!source.file().empty()) return source.file() == "fer2013.csv" || source.file() == "icml_face_data.csv";
  std::string found;
  return find_file(source, kCsvNames, found) && !source.has_file("fer2013new.csv");
}

const Registration kFer2013{readers(), "fer2013",
                            Reader{.help = "FER2013: 35,887 grey faces of 48x48, 7 classes",
                                   .layout = "fer2013.csv (or icml_face_data.csv) with the columns emotion, pixels, Usage; or train and test with the "
                                             "folders angry, disgust, fear, happy, neutral, sad, surprise",
                                   .citation = "Goodfellow et al., Challenges in Representation Learning: a report on three machine learning contests, "
                                               "ICONIP 2013, arXiv 1307.0414",
                                   .recognizes = recognizes,
                                   .list = list}};

}  // namespace
}  // namespace leaf
