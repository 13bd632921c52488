#pragma once

#include <map>
#include <string>
#include <vector>

#include "leaf/data/readers/reading.h"
#include "leaf/data/record.h"
#include "leaf/data/source.h"

namespace leaf {

/// A folder of class folders that belongs to one part of a data set.
struct PartFolder {
  std::string path;  ///< "" = the source itself
  Part part = Part::train;
};

/// The folders named for a part (train, valid, test, …) directly inside `folder`, training first; none = empty. Throws Error
/// when two folders mean the same part.
std::vector<PartFolder> part_folders(const Source& source, const std::string& folder);

/// Whether a folder's name says that its pictures have no label ("unlabeled", "unlabelled").
bool is_unlabeled_name(std::string_view name);

/// Lists class folders whose names are given: `classes[i]` are the canonical names, `codes` maps a folder's lower-case name to i
/// where the name is no word for an expression ("1" -> 0). Throws Error: a folder that means no class, a class folder of the
/// training part that is empty or missing.
void add_class_folders(const Source& source, const std::vector<PartFolder>& parts, const std::map<std::string, int64_t>& codes,
                       Listing& listing);

}  // namespace leaf
