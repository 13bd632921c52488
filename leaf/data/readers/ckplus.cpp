#include <cmath>
#include <optional>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/reading.h"

namespace leaf {
namespace {

const std::vector<std::string> kImages = {"cohn-kanade-images", "extended-cohn-kanade-images/cohn-kanade-images",
                                          "extended-cohn-kanade-images"};
const std::vector<std::string> kEmotions = {"Emotion", "Emotion_labels/Emotion", "Emotion_labels"};

std::string find_folder(const Source& source, const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    if (source.has_folder(path)) return path;
  }
  return "";
}

/// The one number in the first *_emotion.txt of a sequence's folder, as "   6.0000000e+00"; nothing where there is none.
std::optional<int64_t> read_emotion(const Source& source, const std::string& folder, std::string& file) {
  if (!source.has_folder(folder)) return std::nullopt;
  for (const auto& entry : source.entries(folder)) {
    if (entry.folder || !entry.name.ends_with("_emotion.txt")) continue;
    file = join_path(folder, entry.name);
    const std::string text = source.read(file);
    const auto value = to_number(trim(text));
    if (!value || *value != std::floor(*value) || *value < 0 || *value > 7) {
      fail("{}: the emotion must be a number from 0 to 7, not \"{}\"", join_path(source.name(), file), printable(trim(text).substr(0, 40)));
    }
    return static_cast<int64_t>(*value);
  }
  return std::nullopt;
}

void add_frame(const std::string& path, int64_t label, const std::string& subject, int32_t list, Listing& listing) {
  Record record;
  record.path = path;
  record.label = label;
  record.subject = subject;
  record.list = list;
  record.line = list < 0 ? 0 : 1;
  listing.records.push_back(std::move(record));
}

/// The first frame is neutral and the last one the peak; what the peak of a sequence without an emotion file shows is unknown.
void add_sequence(const Source& source, const std::string& images, const std::string& emotions, const std::string& subject, Listing& listing) {
  const auto frames = source.pictures(images);
  if (frames.empty()) return;
  std::string file;
  const auto emotion = read_emotion(source, emotions, file);
  int32_t list = -1;
  if (emotion) {
    list = static_cast<int32_t>(listing.lists.size());
    listing.lists.push_back(file);
  }
  if (emotion && frames.size() > 1) add_frame(join_path(images, frames.front()), 0, subject, list, listing);
  add_frame(join_path(images, frames.back()), emotion.value_or(kUnlabeled), subject, list, listing);
}

Listing list(const Source& source, const DataOptions&) {
  const auto images = find_folder(source, kImages), emotions = find_folder(source, kEmotions);
  if (images.empty() || emotions.empty()) fail("{} does not look like CK+: expected {}", source.name(), readers().at("ckplus").layout);
  Listing listing;
  listing.classes = {"neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"};
  for (const auto& subject : source.folders(images)) {
    for (const auto& sequence : source.folders(join_path(images, subject))) {
      const auto inner = join_path(subject, sequence);
      add_sequence(source, join_path(images, inner), join_path(emotions, inner), subject, listing);
    }
  }
  return listing;
}

bool recognizes(const Source& source) { return !find_folder(source, kImages).empty() && !find_folder(source, kEmotions).empty(); }

const Registration kCkPlus{readers(), "ckplus",
                           Reader{.help = "CK+: 593 posed sequences of 123 subjects, 8 classes; the last frame of each, and the first as neutral",
                                  .layout = "cohn-kanade-images/S005/001/*.png and Emotion/S005/001/*_emotion.txt (sequences without one are unlabeled)",
                                  .citation = "Lucey et al., The Extended Cohn-Kanade Dataset (CK+), CVPR workshops 2010",
                                  .recognizes = recognizes,
                                  .list = list}};

}  // namespace
}  // namespace leaf
