#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "leaf/photos/album.h"
#include "leaf/photos/sighting.h"
#include "leaf/recognize/recognizer.h"

namespace leaf {

/// One row: what a face of a picture shows, or why there is none.
struct Reading {
  std::optional<Face> face;          ///< nothing where the whole picture is the face, or there is none
  double angle = 0;                  ///< how far the face leans, degrees clockwise
  int64_t track = -1;                ///< whose face it is in a video, from 0; −1 = a picture
  std::vector<float> probabilities;  ///< [C]; empty where there is no face
  std::string remark;                ///< why there is none
};

struct PredictOptions {
  const FaceFinder* finder = nullptr;  ///< null: a picture is one face as it is
  bool largest = false;                ///< of several faces the largest alone
  double smoothing = 0;                ///< of videos: how much a frame weighs beside the next one of its track, 0…1
  int threads = 1;
};

/// Called for each picture in order, with its readings: one for each face, or one that says why there is none.
using EachPicture = std::function<void(const Sighting& sighting, const std::vector<Reading>& readings)>;

/// Predicts all pictures of an album. Memory depends neither on their number nor on the length of videos.
void predict(Recognizer& recognizer, Album& album, const PredictOptions& options, const EachPicture& each);

}  // namespace leaf
