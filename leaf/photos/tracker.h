#pragma once

#include <cstdint>
#include <vector>

#include "leaf/faces/face.h"

namespace leaf {

/// Tells which faces of the frames of a video are the same person's: a face goes on with the track that it covers most, the
/// best pairs first.
class Tracker {
 public:
  /// The track of each face of the next frame, from 0; new ones for faces that go on with none.
  std::vector<int64_t> follow(const std::vector<Face>& faces);

  /// Tracks that are not seen for so many frames are over.
  static constexpr int64_t kPatience = 15;

 private:
  struct Track {
    int64_t number;
    Rectangle box;
    int64_t unseen;
  };
  std::vector<Track> tracks_;
  int64_t next_ = 0;
};

/// A mean over the frames of each track in which a frame weighs `keep` times the next one, 0…1; 0 smooths nothing.
class Smoother {
 public:
  explicit Smoother(double keep) : keep_(keep) {}
  /// The smoothed probabilities [C] of the track, this frame included.
  std::vector<float> smooth(int64_t track, const std::vector<float>& probabilities);

 private:
  struct Sum {
    int64_t track;
    std::vector<double> probabilities;
    double weight;
  };
  double keep_;
  std::vector<Sum> sums_;  ///< of the tracks that were seen last, the latest at the end
};

}  // namespace leaf
