#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "leaf/data/cache.h"

namespace leaf {

constexpr int64_t kUnlabeled = -1;  ///< the label of a face whose expression nobody knows

/// Which of its authors' parts a face belongs to.
enum class Part { train, validation, test };

/// A rectangle in pixels of the picture; the default is the whole picture.
struct Box {
  int64_t left = 0, top = 0, width = 0, height = 0;
  bool whole() const { return width == 0; }
  bool operator==(const Box&) const = default;
};

/// One face as its data set lists it, before anything is decoded.
struct Record {
  std::string path;            ///< inside the source, '/' between folders; unique together with `box`; names the face in splits
  int64_t label = kUnlabeled;  ///< index into `Listing::classes`
  Part part = Part::train;
  Box box;                     ///< where the face is, when the data set says so (ExpW, AffectNet's old release)
  std::vector<float> target;   ///< probabilities [C] where several people voted (FERPlus), else empty
  std::string name() const;    ///< the path, and the box behind '#' when there is one
};

/// What a reader makes of a folder or archive: every data set in one form.
struct Listing {
  std::string name;                  ///< "ferplus"
  std::vector<std::string> classes;  ///< canonical expression names in the data set's own order
  std::vector<Record> records;
  std::vector<std::string> dropped;  ///< counted remarks: "3,498 faces without a majority"
};

/// Faces in memory with their labels. After this nothing knows one data set from another.
struct Dataset {
  std::string name;
  std::vector<std::string> classes;
  std::shared_ptr<const FaceStore> faces;
  std::vector<Record> records;      ///< one for each face of the store
  std::vector<std::string> broken;  ///< faces that could not be decoded, with the reason; they are not in `records`
  int64_t size() const { return static_cast<int64_t>(records.size()); }
};

/// Faces by row of a data set.
struct Pool {
  std::shared_ptr<const Dataset> dataset;
  std::vector<int64_t> rows;
  int64_t size() const { return static_cast<int64_t>(rows.size()); }
};

/// What a training run is made of; the four share no face.
struct Pools {
  Pool labeled, unlabeled, validation, test;
};

}  // namespace leaf
