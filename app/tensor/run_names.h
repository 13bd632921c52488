#pragma once

#include <string>

#include "leaf/train/run_folder.h"

namespace leaf::app {

/// Throws Error, with what can be done, when the folder holds a run already and `force` is not set.
void check_run_folder(const RunFolder& folder, bool force);

/// A source's reader as a part of a folder's name: "ferplus" of "ferplus:data".
std::string short_name(const std::string& source);

}  // namespace leaf::app
