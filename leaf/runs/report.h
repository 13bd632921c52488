#pragma once

#include <filesystem>

#include "leaf/train/metrics.h"

namespace leaf {

/// Writes what was measured into a folder, which is made when it is not there: confusion.csv, classes.csv, confusion.png (none of
/// these where no face was tested on), and at last report.json with the given content. Throws Error.
void write_report(const std::filesystem::path& folder, const Metrics& metrics, const Json& content);

}  // namespace leaf
