#pragma once

#include "app/arguments.h"

namespace leaf::app {

/// `leaf datasets`: every reader with its layout and citation.
void print_datasets(const std::string& format);

}  // namespace leaf::app
