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
/// Throws Error: a class with fewer faces than the papers' rules want, no faces to choose by where they were named.
Division divide(const Dataset& source, const DataOptions& options, bool other_test);

/// Only the faces that divide() tests on without another data set, before anything else is taken: the test part, or the half
/// `options.test_half` of the validation part, the same for every `split_seed`. Empty where the source has neither.
Division test_part(const Dataset& source, const DataOptions& options);

/// Throws Error when `options.validation_faces` are more than the `found` ones of `where`, "the validation part of ferplus".
void check_choosing(const DataOptions& options, int64_t found, const std::string& where);

}  // namespace leaf
