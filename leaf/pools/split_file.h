#pragma once

#include <filesystem>

#include "leaf/data/options.h"
#include "leaf/pools/pools.h"

namespace leaf {

/// Writes the pools by the names of their faces (split.json; the layout is in docs/formats.md).
void save_split(const std::filesystem::path& path, const Pools& pools, const DataOptions& options);

/// Reads them back. Throws Error naming the file: another version, other classes or data sets, faces that are not there (the
/// first and how many), a face in two pools or without a label where one is needed.
Pools read_split(const std::filesystem::path& path, const Datasets& datasets);

/// Throws Error where the faces of pools that were read back, by a sample of their pixels, or their labels are not those that the
/// split was written with: the data set has changed. A split of an earlier LEAF does not know.
void check_unchanged(const Pools& pools);

}  // namespace leaf
