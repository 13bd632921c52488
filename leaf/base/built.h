#pragma once

#include <string_view>

namespace leaf {

/// The libraries that this LEAF was built with, of those that it can do without (LEAF_WITH_… of CMakeLists.txt), in lower case
/// with spaces between them: "opencv libarchive onednn onnx tcmalloc".
std::string_view built_with();

/// Whether one of them, e.g. "opencv", is among them.
bool built_with(std::string_view library);

}  // namespace leaf
