#pragma once

#include <string>

namespace leaf::app {

/// Throws Error when the file or folder exists and `force` is not set. An empty name is the terminal.
void check_output(const std::string& path, bool force);

/// Writes a text to the file, or to standard output for an empty name. Throws Error.
void deliver(const std::string& text, const std::string& path);

}  // namespace leaf::app
