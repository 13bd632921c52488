#pragma once

#include <filesystem>
#include <memory>

#include "leaf/base/limits.h"
#include "leaf/data/source.h"

namespace leaf {

/// A tar or zip file (.tar .tar.gz .tgz .tar.bz2 .tar.xz .zip) as a source. It is unpacked into memory at its first use; links
/// and special files in it are left out. Then throws Error: damaged, over the limits, or with an absolute name or one with "..".
/// (The one door to libarchive.)
std::shared_ptr<const Source> open_archive(const std::filesystem::path& path, const ArchiveLimits& limits);

}  // namespace leaf
