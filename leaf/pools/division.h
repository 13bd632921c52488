#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leaf/data/dataset.h"
#include "leaf/data/options.h"

namespace leaf {

/// A data set in four parts that share no face: rows of it.
struct Division {
  std::vector<int64_t> labeled, rest, validation, test;
  std::vector<std::string> remarks;  ///< where the parts come from, what was left out
};

/// Divides a data set by the rules of make_pools(). With `other_test` the run is tested on another data set, and `test` is empty.
/// Throws Error: a class with fewer faces than wanted.
Division divide(const Dataset& source, const DataOptions& options, bool other_test);

}  // namespace leaf
