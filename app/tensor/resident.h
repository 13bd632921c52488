#pragma once

namespace leaf::app {

/// Gives back the pages of code and constants that only loading the libraries read: about 80 MB with Debian's libtorch, which
/// brings 280 libraries. What is needed after all comes back from the file. A debug build keeps them, since a debugger's
/// breakpoints lie in them.
void release_loaded_pages();

}  // namespace leaf::app
