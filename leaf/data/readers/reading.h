#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "leaf/data/record.h"
#include "leaf/data/source.h"

namespace leaf {

/// What the readers have in common.

/// Counts what a reader leaves out, by reason, and says it: "3,498 faces without a majority".
class Tally {
 public:
  void add(const std::string& reason) { ++counts_[reason]; }
  std::vector<std::string> remarks() const;

 private:
  std::map<std::string, int64_t> counts_;
};

/// Calls `row` for every line that is not blank, with its words (split at spaces and tabs) and its number from 1.
/// `name` is the file's, for messages. Throws Error where there are more lines or words than ListLimits allow.
void for_each_line(const std::string& text, std::string_view name,
                   const std::function<void(const std::vector<std::string>&, int64_t)>& row);

/// An integer from `low` to `high`; throws Error with `where` in front: 'label.txt line 3: the label must be …, not "9"'.
int64_t integer_in(std::string_view text, int64_t low, int64_t high, std::string_view what, std::string_view where);

/// The first of the paths that is a folder (or file) of the source; throws Error that says all that were looked for.
std::string first_folder(const Source& source, const std::vector<std::string>& paths, std::string_view what);
std::string first_file(const Source& source, const std::vector<std::string>& paths, std::string_view what);
/// The same, or nothing found = false.
bool find_file(const Source& source, const std::vector<std::string>& paths, std::string& found);

/// The part that a folder or a cell names, in any case (train, training; val, valid, validation, dev, publictest; test, testing,
/// privatetest; each also with "set" behind it); throws nothing, returns false for another word.
bool part_of(std::string_view word, Part& part);

/// The folder inside `folder` ("" = the source) whose lower-case name is one of `names`, or "".
std::string child_folder(const Source& source, const std::string& folder, const std::vector<std::string>& names);

/// Adds the pictures below `folder` with one label and part; returns how many.
int64_t add_pictures(const Source& source, const std::string& folder, int64_t label, Part part, Listing& listing);

}  // namespace leaf
