#pragma once

#include "app/arguments.h"

namespace leaf::app {

/// Carries out a parsed command line; throws leaf::Error. There are two of it: in `leaf`, which does what needs no tensor
/// and hands the rest over, and in `leaf-tensor`, which does the rest.
void run(const Arguments& arguments, char** argv);

}  // namespace leaf::app
