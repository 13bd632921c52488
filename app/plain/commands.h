#pragma once

#include "app/arguments.h"

namespace leaf::app {

/// `leaf datasets`: every reader with its layout and citation.
void print_datasets(const std::string& format);

/// `leaf split`: chooses the labeled faces and writes split.json.
void write_split(const SplitArguments& arguments);

}  // namespace leaf::app
