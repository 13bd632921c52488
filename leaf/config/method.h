#pragma once

#include <string_view>

#include "leaf/base/options.h"

namespace leaf {

/// The presets of a method, "paper" or "reference": the values of every switch, an option in which the paper and its published
/// code differ (docs/paper.md). Throws UsageError for another method.
const Json& method_presets(std::string_view method);

}  // namespace leaf
