#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "leaf/data/cache.h"
#include "leaf/data/options.h"
#include "leaf/data/record.h"

namespace leaf {

/// Faces in memory with their labels. After this nothing knows one data set from another.
struct Dataset {
  std::string name;                  ///< of the reader: "ferplus"
  std::vector<std::string> classes;  ///< canonical names in the data set's own order
  std::shared_ptr<const FaceStore> faces;
  std::vector<Record> records;       ///< one for each face of the store
  std::vector<std::string> broken;   ///< faces that could not be read, with the reason; they are not in `records`
  std::vector<std::string> remarks;  ///< counted remarks on what was left out, and on the cache
  int64_t size() const { return static_cast<int64_t>(records.size()); }
};

/// Told how many faces of how many are decoded, from the calling thread.
using DecodeProgress = std::function<void(int64_t done, int64_t total)>;

/// Reads and decodes a data set: "ferplus:DIR", "rafdb:FILE.tar.gz", "csv:FILE", or a path whose layout is recognized. Of the
/// options only `votes`, `classes`, `stored_size` and `cache` matter. Faces are decoded on `threads` threads; nothing in the
/// result depends on their number.
///
/// A picture that is missing or broken is skipped and listed. Throws Error: more than one and more than 5 % broken, no face at
/// all, the same face listed twice with different labels, whatever the reader objects to.
Dataset load_dataset(const std::string& source, const DataOptions& options, int threads, const DecodeProgress& progress = {});

/// Faces by row of a data set.
struct Pool {
  std::shared_ptr<const Dataset> dataset;
  std::vector<int64_t> rows;
  int64_t size() const { return static_cast<int64_t>(rows.size()); }
};

/// The label of each face of a pool, kUnlabeled included, [n].
std::vector<int64_t> labels_of(const Pool& pool);

/// The share of each class among the faces of a pool whose labels are known, [C]; all 0 for none.
std::vector<double> class_shares(const Pool& pool);

/// What a training run is made of; the four share no face.
struct Pools {
  Pool labeled, unlabeled, validation, test;
  std::vector<std::string> remarks;  ///< where the parts come from, what was left out
};

}  // namespace leaf
