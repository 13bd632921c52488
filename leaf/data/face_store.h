#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/pictures/image.h"

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

/// A face as it is kept: height × width × channels, channels 1 when red, green and blue are equal everywhere, else 3.
struct StoredFace {
  int64_t height = 0, width = 0, channels = 0;
  Bytes pixels;
};

StoredFace pack_face(const Image& image);
/// `pixels` holds height × width × channels bytes.
Image unpack_face(int64_t height, int64_t width, int64_t channels, const uint8_t* pixels);

/// Faces in memory.
std::shared_ptr<const FaceStore> store_in_memory(std::vector<StoredFace> faces);

/// The faces of two stores, which are kept, one behind the other; with the size of each.
std::shared_ptr<const FaceStore> store_joined(std::shared_ptr<const FaceStore> first, int64_t first_size,
                                              std::shared_ptr<const FaceStore> second, int64_t second_size);

}  // namespace leaf
