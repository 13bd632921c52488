#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "leaf/base/error.h"

namespace leaf::fuzz {

/// What a file in core/ or tensor/ says of its parser.
struct Target {
  /// Gives an input to the parser. An Error is an answer; every other exception, an unprintable message, a broken expectation and
  /// what the sanitizers see are findings.
  void (*take)(std::string_view input);
  /// Inputs to begin with.
  std::vector<std::string> (*seeds)();
  /// Makes checksums fit again after a mutation, so that more than they are tried; null where there are none.
  void (*repair)(std::string& input) = nullptr;
  /// Size of the blocks that half of the mutations keep where they are, bytes; 0 = none.
  size_t block = 0;
};
extern const Target target;

/// A file with this content; the next call replaces it.
std::filesystem::path as_file(std::string_view content);
/// An empty folder of this process that may be filled.
std::filesystem::path scratch_folder();

/// What every message owes; for a target that tries several parsers.
void check_refusal(const Error& error);

/// Ends the process with a finding where it does not hold.
void expect(bool holds, std::string_view what);

}  // namespace leaf::fuzz
