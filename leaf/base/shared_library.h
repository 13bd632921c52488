#pragma once

namespace leaf {

/// What a library of LEAF that is loaded when it is first needed has under that name. `library` lies beside leaf_core:
/// "libleaf_codec.so". Throws Error that begins with what cannot be done without it: "pictures cannot be read or written".
const void* load_symbol(const char* library, const char* symbol, const char* without);

}  // namespace leaf
