#pragma once

#include <filesystem>
#include <string>

#include "leaf/runs/run_folder.h"

namespace leaf::app {

/// Throws Error when the file or folder exists and `force` is not set. An empty name is the terminal.
void check_output(const std::string& path, bool force);

/// Writes a text to the file, or to standard output for an empty name. Throws Error.
void deliver(const std::string& text, const std::string& path);

/// Throws Error, with what can be done, when the folder holds a run already and `force` is not set.
void check_run_folder(const RunFolder& folder, bool force);

/// The name of a file or folder, however its path is written: "a/b/" and "a/b" are "b".
std::string last_name(const std::filesystem::path& path);

/// What files made of a picture, video or camera ("camera:0") are named for: its name without the ending, and without a colon.
std::string stem_of(const std::filesystem::path& input);

/// FOLDER/STEM.ENDING or, where that is taken, the first of FOLDER/STEM-2.ENDING, … that is not.
std::filesystem::path unused_path(const std::filesystem::path& folder, const std::string& stem, const char* ending);

/// A source's reader as a part of a folder's name: "ferplus" of "ferplus:data".
std::string short_name(const std::string& source);

}  // namespace leaf::app
