#pragma once

#include <filesystem>
#include <memory>

#include "leaf/data/source.h"

namespace leaf {

/// What an archive may unpack to; it is held in memory while a data set is read.
struct ArchiveLimits {
  int64_t files = 2'000'000;
  uint64_t file_bytes = uint64_t{1} << 30;    ///< of one file
  uint64_t bytes = uint64_t{4} << 30;         ///< of all files together
  double ratio = 100;                         ///< unpacked bytes for one packed byte …
  uint64_t unsuspected = uint64_t{64} << 20;  ///< … once so many bytes are unpacked
};

/// Whether the name ends like an archive that is read (.tar .tar.gz .tgz .tar.bz2 .tar.xz .zip, any case).
bool is_archive_name(const std::filesystem::path& path);

/// A tar or zip file as a source. It is unpacked into memory at its first use; links and special files in it are left out.
/// Then throws Error: damaged, over the limits, or with an absolute name or one with "..".
/// (The one door to libarchive.)
std::shared_ptr<const Source> open_archive(const std::filesystem::path& path, const ArchiveLimits& limits);

}  // namespace leaf
