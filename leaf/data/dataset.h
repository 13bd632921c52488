#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "leaf/data/face_store.h"
#include "leaf/data/record.h"

namespace leaf {

/// Faces in memory with their labels. After this nothing knows one data set from another.
struct Dataset {
  std::string name;                  ///< of the reader: "ferplus"
  std::vector<std::string> classes;  ///< canonical names in the data set's own order
  std::shared_ptr<const FaceStore> faces;
  std::vector<Record> records;       ///< one for each face of the store
  std::vector<LeftOut> left_out;     ///< faces that cannot be read and files that are none; they are not in `records`
  std::vector<std::string> remarks;  ///< counted remarks on what was left out, and on the cache
  int64_t size() const { return static_cast<int64_t>(records.size()); }
};

/// What was left out of a data set and why, for people: one line for each reason, with its count and the first names.
std::vector<std::string> remarks_on(const Dataset& dataset);

/// Faces by row of a data set.
struct Pool {
  std::shared_ptr<const Dataset> dataset;
  std::vector<int64_t> rows;
  int64_t size() const { return static_cast<int64_t>(rows.size()); }
};

/// Faces spread evenly over the pool, at most `most` of them.
Pool sample_of(const Pool& pool, int64_t most);

/// A number for the pixels of a face, going on from `seed`.
uint64_t hash_pixels(const Image& face, uint64_t seed);

/// The label of each face of a pool, kUnlabeled included, [n].
std::vector<int64_t> labels_of(const Pool& pool);

/// The share of each class among the faces of a pool whose labels are known, [C]; all 0 for none.
std::vector<double> class_shares(const Pool& pool);

}  // namespace leaf
