#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "leaf/data/dataset.h"
#include "leaf/data/face_store.h"

namespace leaf {

constexpr uint32_t kCacheVersion = 2;

/// What a cache was made from: a hash of the source, its files' sizes and times, and the options.
using CacheKey = std::array<uint64_t, 2>;
CacheKey cache_key(std::string_view text);

/// Writes a cache file whole or not at all. `produce` gives one face after the other to the function it is handed, and then
/// returns the data set without `faces`: its records belong to the faces in their order. Throws Error (full disk).
void write_cache(const std::filesystem::path& path, const CacheKey& key,
                 const std::function<Dataset(const std::function<void(const StoredFace&)>&)>& produce);

/// The data set in the bytes of a cache file, whatever it was made from; they are checked as below. Throws Error.
Dataset read_cache(std::shared_ptr<const std::string> file, int threads);

/// What was found at a cache's place.
struct CacheLookup {
  bool found = false;
  Dataset dataset;     ///< with `faces` on the mapped file
  std::string reason;  ///< when not found: "" = there was no file; else why the file there is of no use
};

/// Opens a cache file. Everything in it is checked before it is used (bounds, checksums of all bytes), so that a stale,
/// truncated or damaged file is only not found. `threads` share the checking.
CacheLookup open_cache(const std::filesystem::path& path, const CacheKey& key, int threads);

}  // namespace leaf
