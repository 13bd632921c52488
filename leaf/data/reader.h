#pragma once

#include <functional>
#include <memory>
#include <string>

#include "leaf/base/registry.h"
#include "leaf/data/options.h"
#include "leaf/data/record.h"
#include "leaf/data/source.h"

namespace leaf {

/// How one data set is read: a function from what its authors ship to a listing. One file in leaf/data/readers/ for each; its
/// last line adds it to `readers()`.
struct Reader {
  std::string help = {};      ///< one line: what the data set is
  std::string layout = {};    ///< which files are expected where; shown when they are not there
  std::string citation = {};  ///< where it comes from

  /// Whether a source has the layout, so that its name need not be given. Throws only when the source cannot be read.
  std::function<bool(const Source&)> recognizes = {};
  /// Lists the faces. Throws Error naming file and line. Labels, names and counts are checked; pictures are not opened.
  std::function<Listing(const Source&, const DataOptions&)> list = {};
  /// In place of the two above, for faces that come from no file: the text behind the colon -> the faces, with
  /// `Listing::picture`. They are not cached.
  std::function<Listing(const std::string&, const DataOptions&)> generate = {};
  /// Recognizes almost everything, so it is asked only when no other reader recognizes the source.
  bool general = false;
  /// A plain file can be given, not only a folder or an archive: `Source::file()`.
  bool file = false;
};

/// Throws Error where there are more classes than ListLimits allow; for readers that take the classes from the labels.
void check_class_count(int64_t classes, std::string_view where);

/// All readers by name: "ferplus".
Registry<Reader>& readers();

/// A data set as the user names it: "ferplus:DIR", or a path whose layout is recognized (then `reader` is "").
struct SourceName {
  std::string reader, path;
};
/// Throws UsageError: empty, or an unknown reader in front of the colon.
SourceName parse_source(const std::string& text);
/// The same source by a path that means it in every folder; "" for "".
std::string located(const std::string& text);

/// A source that is opened, and who reads it. `source` is null for a reader that generates.
struct OpenedSource {
  std::string reader, argument;
  std::shared_ptr<const Source> source;
};
/// Opens what the text names and finds the reader of a bare path.
/// Throws Error: nothing there, no or several readers recognize it (with what was looked for).
OpenedSource open_data(const std::string& text);

/// Lists the faces of an opened source and checks what every listing owes: at least one face, labels inside the list of
/// classes, no face twice with different labels (equal ones are dropped and counted). Where a single folder wraps everything, as
/// archives often have, that folder becomes the source. Throws Error.
Listing list_faces(OpenedSource& opened, const DataOptions& options);

}  // namespace leaf
