// Stands in for data/archive.cpp where LEAF is built without libarchive.
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/archive.h"

namespace leaf {

std::shared_ptr<const Source> open_archive(const std::filesystem::path& path, const ArchiveLimits& /*limits*/) {
  fail("{}: this leaf was built without libarchive (LEAF_WITH_LIBARCHIVE=OFF); unpack it and name its folder",
       printable(path.string()));
}

}  // namespace leaf
