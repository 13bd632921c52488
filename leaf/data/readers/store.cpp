#include <memory>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/text.h"
#include "leaf/data/cache_file.h"
#include "leaf/data/reader.h"

namespace leaf {
namespace {

Listing list(const Source& source, const DataOptions& /*options*/) {
  Dataset dataset;
  try {
    dataset = read_cache(std::make_shared<const std::string>(source.read(source.file())), available_processors());
  } catch (const Error& error) {
    fail("{}: {}; make it again with --cache FOLDER", printable(source.file()), error.what());
  }
  Listing listing;
  listing.name = dataset.name;
  listing.classes = dataset.classes;
  listing.left_out = dataset.left_out;
  listing.dropped = dataset.remarks;
  listing.records = dataset.records;
  for (size_t row = 0; row < listing.records.size(); ++row) {
    auto& record = listing.records[row];
    record.path = record.name();  // the box is cut out already, but tells faces of one picture apart
    record.box = {};
    record.list = -1;  // the label files stayed where it was made
    record.line = static_cast<int64_t>(row);
  }
  listing.picture = [faces = dataset.faces](const Record& record) { return faces->face(record.line); };
  return listing;
}

bool recognizes(const Source& source) { return lower(source.file()).ends_with(".faces"); }

const Registration kStore{
    readers(), "store",
    Reader{
        .help = "decoded faces of any data set, as --cache FOLDER writes them: for a machine without the pictures",
        .layout = "one file that ends in .faces, with labels and parts; --votes, --classes and the like are those of its making",
        .citation = "",
        .recognizes = recognizes,
        .list = list,
        .file = true}};

}  // namespace
}  // namespace leaf
