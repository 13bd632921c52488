#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "leaf/pictures/image.h"

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
  Box box;                    ///< where the face is, when the data set says so (ExpW, AffectNet's old release)
  std::vector<float> target;  ///< probabilities [C] where several people voted (FERPlus), else empty
  std::string subject;        ///< who it is, where the data set says so (CK+): all faces of a subject stay in one pool
  int32_t list = -1;          ///< the label file that lists it: index into `Listing::lists`, or −1
  int64_t line = 0;           ///< and the line there, from 1

  /// The path, and the box behind '#' when there is one: "image/a.jpg#10,20,48,48".
  std::string name() const;
  bool operator==(const Record&) const = default;
};

/// A picture or file that is left out, and why: "cannot be read: …" or another reason with ": " behind what it shares with
/// others.
struct LeftOut {
  std::string name;  ///< inside the source, with its line of a label file where it has one
  std::string reason;
  bool operator==(const LeftOut&) const = default;
};

/// What a reader makes of a folder or archive: every data set in one form.
struct Listing {
  std::string name;                  ///< "ferplus"
  std::vector<std::string> classes;  ///< canonical expression names in the data set's own order
  std::vector<Record> records;       ///< in the order of the label file: splits depend on it
  std::vector<std::string> lists;    ///< the label files, inside the source
  std::vector<std::string> dropped;  ///< counted remarks: "3,498 faces without a majority"
  std::vector<LeftOut> left_out;     ///< files that are no faces of it

  /// Makes the picture of a record that is no file of its own (FER2013's csv, drawn faces); thread-safe, throws Error. Empty
  /// when `Record::path` is a picture file.
  std::function<Image(const Record&)> picture;
};

}  // namespace leaf
