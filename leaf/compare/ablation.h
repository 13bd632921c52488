#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leaf/compare/variant.h"

namespace leaf {

/// One of the paper's studies (section 4.3 and its supplement): variants of LEAF that differ in one thing.
struct Study {
  std::string name;      ///< "experts"
  std::string question;  ///< what is changed, one line
  std::vector<Variant> variants;
};

/// All of them, in the order of the tables. A value that is the configuration's own is the plain `leaf` again, so it costs no
/// run of its own (expand() in leaf/compare/grid.h).
const std::vector<Study>& studies();

/// Their names.
std::vector<std::string> study_names();

/// The variants of the named studies, "experts,gate", or of all for "". Throws UsageError with the nearest known name.
std::vector<Variant> ablation(std::string_view names);

}  // namespace leaf
