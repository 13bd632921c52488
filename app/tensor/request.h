#pragma once

#include "app/arguments.h"
#include "leaf/config/config.h"

namespace leaf::app {

/// What the words of a command line ask for: the method, then the file, the shortcuts, the levels and the options of --set; later
/// ones win. Throws UsageError.
Config request_of(const ConfigArguments& words);

}  // namespace leaf::app
