#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/faces/image.h"

namespace leaf {

/// Decoded faces as bytes, each of its own size, grey ones with one channel: in memory, or in a memory-mapped cache file of
/// which the system keeps only the touched pages. The file's layout is in docs/formats.md.
class FaceStore {
 public:
  virtual ~FaceStore() = default;
  virtual int64_t size() const = 0;
  /// The face at `row`, as RGB. Thread-safe.
  virtual Image face(int64_t row) const = 0;
};

}  // namespace leaf
