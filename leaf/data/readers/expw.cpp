#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/reading.h"

namespace leaf {
namespace {

const std::vector<std::string> kLists = {"label/label.lst", "label.lst"};
constexpr int64_t kFarthest = 1'000'000;  // pixels

/// image_name face_id top left right bottom confidence label
Record read_face(const std::vector<std::string>& words, const std::string& folder, const std::string& where) {
  if (words.size() != 8)
    fail("{}: expected image_name face_id top left right bottom confidence label: 8 columns, found {}", where, words.size());
  Record record;
  record.path = join_path(folder, words[0]);
  const int64_t top = integer_in(words[2], -kFarthest, kFarthest, "top", where),
                left = integer_in(words[3], -kFarthest, kFarthest, "left", where);
  const int64_t right = integer_in(words[4], -kFarthest, kFarthest, "right", where),
                bottom = integer_in(words[5], -kFarthest, kFarthest, "bottom", where);
  if (right <= left || bottom <= top) fail("{}: the box from {},{} to {},{} is empty", where, left, top, right, bottom);
  record.box = {left, top, right - left, bottom - top};
  record.label = integer_in(words[7], 0, 6, "label", where);
  return record;
}

Listing list(const Source& source, const DataOptions&) {
  std::string found;
  if (!find_file(source, kLists, found))
    fail("{} does not look like ExpW: expected {}", source.name(), readers().at("expw").layout);
  const auto folder = first_folder(source, {"image/origin", "origin", "image"}, "the folder of pictures");
  Listing listing;
  listing.classes = {"anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"};
  listing.lists = {found};
  for_each_line(source.read(found), join_path(source.name(), found), [&](const std::vector<std::string>& words, int64_t line) {
    auto record = read_face(words, folder, fmt::format("{} line {}", join_path(source.name(), found), line));
    record.list = 0;
    record.line = line;
    listing.records.push_back(std::move(record));
  });
  return listing;
}

bool recognizes(const Source& source) {
  std::string found;
  return find_file(source, kLists, found);
}

const Registration kExpW{
    readers(), "expw",
    Reader{.help = "ExpW: 91,793 faces in photos from the web, with boxes, 7 classes",
           .layout = "label/label.lst (image_name face_id top left right bottom confidence label) and image/origin",
           .citation = "Zhang et al., From Facial Expression Recognition to Interpersonal Relation Prediction, IJCV 2018, arXiv "
                       "1609.06426",
           .recognizes = recognizes,
           .list = list}};

}  // namespace
}  // namespace leaf
