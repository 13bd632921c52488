#include "leaf/photos/predict.h"

#include <algorithm>
#include <utility>

#include "leaf/base/stop.h"
#include "leaf/photos/tracker.h"

namespace leaf {
namespace {

/// The probabilities of all faces, in their order, [faces][C].
std::vector<std::vector<float>> recognize_all(Recognizer& recognizer, std::vector<Sighting>& sightings) {
  std::vector<Image> faces;
  for (auto& sighting : sightings) {
    for (auto& face : sighting.cut) faces.push_back(std::move(face));
    sighting.cut.clear();
  }
  std::vector<std::vector<float>> all;
  for (size_t begin = 0; begin < faces.size(); begin += recognizer.at_once()) {
    const auto end = std::min(begin + static_cast<size_t>(recognizer.at_once()), faces.size());
    const std::vector<Image> batch(std::move_iterator(faces.begin() + begin), std::move_iterator(faces.begin() + end));
    const auto probabilities = recognizer.recognize(batch).contiguous();
    const int64_t classes = probabilities.size(1);
    const float* row = probabilities.data_ptr<float>();
    for (int64_t i = 0; i < probabilities.size(0); ++i, row += classes) all.emplace_back(row, row + classes);
  }
  return all;
}

/// Tracks, begun anew with each video.
class Tracks {
 public:
  explicit Tracks(double smoothing) : smoother_(smoothing), keep_(smoothing) {}

  void follow(const Shot& shot, const std::vector<Face>& faces, std::vector<Reading>& readings) {
    if (shot.frame < 0) return;
    if (shot.path != path_ || shot.frame == 0) {
      path_ = shot.path;
      tracker_ = {};
      smoother_ = Smoother(keep_);
    }
    const auto tracks = tracker_.follow(faces);
    for (size_t i = 0; i < tracks.size(); ++i) {
      readings[i].track = tracks[i];
      readings[i].probabilities = smoother_.smooth(tracks[i], readings[i].probabilities);
    }
  }

 private:
  Tracker tracker_;
  Smoother smoother_;
  const double keep_;
  std::string path_;
};

}  // namespace

void predict(Recognizer& recognizer, Album& album, const PredictOptions& options, const EachPicture& each) {
  const SightingOptions how{options.finder, options.largest, recognizer.views().margin, recognizer.views().size, options.threads};
  Tracks tracks(options.smoothing);
  for (;;) {
    auto shots = album.next();
    if (shots.empty()) return;
    auto sightings = look_at(std::move(shots), how, [&](const Image& picture) { return recognizer.shrunk(picture); });
    std::vector<size_t> counts;
    for (const auto& sighting : sightings) counts.push_back(sighting.cut.size());
    auto probabilities = recognize_all(recognizer, sightings);
    auto next = probabilities.begin();
    for (size_t i = 0; i < sightings.size(); ++i) {
      const auto& sighting = sightings[i];
      std::vector<Reading> readings(std::max<size_t>(1, counts[i]));
      if (counts[i] == 0) readings[0].remark = sighting.trouble.empty() ? kNoFace : sighting.trouble;
      for (size_t f = 0; f < counts[i]; ++f) {
        readings[f].probabilities = std::move(*next++);
        if (sighting.faces.empty()) continue;
        readings[f].face = sighting.faces[f];
        readings[f].angle = face_square(sighting.faces[f], 0).angle;
      }
      if (!sighting.faces.empty()) tracks.follow(sighting.shot, sighting.faces, readings);
      each(sighting, readings);
    }
    if (StopSignals::asked() != 0) return;
  }
}

}  // namespace leaf
