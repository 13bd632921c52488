#pragma once

#include <functional>
#include <string>
#include <vector>

#include "leaf/detection/face_finder.h"
#include "leaf/faces/alignment.h"
#include "leaf/photos/album.h"

namespace leaf {

/// How pictures become faces.
struct SightingOptions {
  const FaceFinder* finder = nullptr;  ///< null: the whole picture is one face
  bool largest = false;                ///< of several faces the largest alone
  double margin = 0;                   ///< of face_square()
  int64_t size = 0;                    ///< of the faces that are cut out, pixels
  int threads = 1;
};

/// What was seen in a picture.
struct Sighting {
  Shot shot;
  int64_t height = 0, width = 0;  ///< of the picture; 0 = it cannot be read
  std::string trouble;            ///< why it cannot be read; else empty
  std::vector<Face> faces;        ///< found, the largest first; empty where the whole picture is the face
  std::vector<Image> cut;         ///< the faces, aligned: one for each of `faces`, or the whole picture as it is
};

/// What is said of a picture in which none was seen.
inline constexpr const char* kNoFace = "no face was found";

/// Looks at all shots, on several threads, one picture each at a time. `whole` makes of a picture that is one face what is kept
/// of it.
std::vector<Sighting> look_at(std::vector<Shot> shots, const SightingOptions& options,
                              const std::function<Image(const Image&)>& whole);

}  // namespace leaf
