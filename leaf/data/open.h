#pragma once

#include "leaf/data/archive.h"
#include "leaf/data/source.h"

namespace leaf {

/// Opens a folder, an archive, or the folder of a plain file. Throws Error when nothing is there or it cannot be read; an
/// archive is read at its first use.
std::shared_ptr<const Source> open_source(const std::filesystem::path& path, const ArchiveLimits& most = limits().archive);

}  // namespace leaf
