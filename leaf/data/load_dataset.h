#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "leaf/data/dataset.h"
#include "leaf/data/options.h"

namespace leaf {

/// Told how many faces of how many are decoded, from the calling thread.
using DecodeProgress = std::function<void(int64_t done, int64_t total)>;

/// Reads and decodes a data set: "ferplus:DIR", "rafdb:FILE.tar.gz", "csv:FILE", or a path whose layout is recognized. Of the
/// options only `votes`, `classes`, `stored_size` and `cache` matter. Faces are decoded on `threads` threads; nothing in the
/// result depends on their number.
///
/// A picture that is missing or broken is skipped and listed. Throws Error: more than one and more than 5 % broken, no face at
/// all, the same face listed twice with different labels, whatever the reader objects to.
Dataset load_dataset(const std::string& source, const DataOptions& options, int threads, const DecodeProgress& progress = {});

}  // namespace leaf
