#include "leaf/data/csv.h"

#include <algorithm>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/expressions.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/reading.h"

namespace leaf {
namespace {

struct Row {
  std::string path, label, where;
  Part part = Part::train;
  int64_t line = 0;
};

/// Rows without a path that say why in a column `remark`, as leaf prepare writes them of photos without a face, are left out.
std::vector<Row> read_rows(const Source& source, const std::string& text, std::vector<LeftOut>& left_out) {
  CsvReader reader(text, join_path(source.name(), source.file()));
  const CsvHeader header(reader);
  const auto path = header.at("path"), label = header.find_or_slip("label"), part = header.find("part");
  const auto photo = header.find("source"), remark = header.find("remark");
  std::vector<Row> rows;
  for (std::vector<std::string> fields; reader.next(fields);) {
    header.check(reader, fields);
    Row row{fields[path], label < 0 ? "" : fields[label], reader.where(), Part::train, reader.line()};
    if (row.path.empty() && photo >= 0 && remark >= 0 && !fields[remark].empty()) {
      left_out.push_back({fields[photo], fields[remark]});
      continue;
    }
    if (row.path.empty()) fail("{}: the path is empty", row.where);
    if (part >= 0 && !fields[part].empty() && !part_of(fields[part], row.part)) {
      fail("{}: the part must be train, validation or test, not \"{}\"", row.where, printable(fields[part]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Numbers in the order of their size.
std::vector<std::string> numbered_classes(const std::vector<Row>& rows) {
  std::set<int64_t> numbers;
  for (const auto& row : rows) {
    if (!row.label.empty()) numbers.insert(integer_in(row.label, 0, 9999, "label", row.where));
  }
  std::vector<std::string> classes;
  for (const int64_t number : numbers) classes.push_back(std::to_string(number));
  return classes;
}

/// Expressions in their canonical order; or other words, in alphabetical order. A file that names one expression names only
/// expressions, so that a slip of the pen does not become a class of its own.
std::vector<std::string> named_classes(const std::vector<Row>& rows) {
  const bool any =
      std::any_of(rows.begin(), rows.end(), [](const Row& row) { return canonical_expression(row.label).has_value(); });
  std::set<std::string> names;
  for (const auto& row : rows) {
    if (row.label.empty()) continue;
    if (any && !canonical_expression(row.label)) {
      fail("{}: the label \"{}\" is no expression{}; known: {}", row.where, printable(row.label),
           did_you_mean(lower(row.label), expressions()), join(expressions()));
    }
    names.insert(class_name(row.label));
  }
  if (!any) return {names.begin(), names.end()};
  std::vector<std::string> classes;
  for (const auto& name : expressions()) {
    if (names.contains(name)) classes.push_back(name);
  }
  return classes;
}

Listing list(const Source& source, const DataOptions&) {
  if (source.file().empty())
    fail("{} is a folder or an archive; the reader \"csv\" needs a csv file, as in csv:{}/faces.csv", source.name(),
         source.name());
  const std::string text = source.read(source.file());
  Listing listing;
  const auto rows = read_rows(source, text, listing.left_out);
  const auto first = std::find_if(rows.begin(), rows.end(), [](const Row& row) { return !row.label.empty(); });
  const bool numbers = first != rows.end() && to_integer(first->label).has_value();
  listing.classes = numbers ? numbered_classes(rows) : named_classes(rows);
  check_class_count(std::ssize(listing.classes), source.name());
  listing.lists = {source.file()};
  for (const auto& row : rows) {
    Record record;
    try {
      record.path = inner_path(row.path);
    } catch (const Error& error) {
      fail("{}: {}", row.where, error.what());
    }
    const auto name = numbers && !row.label.empty() ? std::to_string(*to_integer(row.label)) : class_name(row.label);
    const auto found = std::find(listing.classes.begin(), listing.classes.end(), name);
    record.label = row.label.empty() ? kUnlabeled : found - listing.classes.begin();
    record.part = row.part;
    record.list = 0;
    record.line = row.line;
    listing.records.push_back(std::move(record));
  }
  return listing;
}

bool recognizes(const Source& source) { return lower(source.file()).ends_with(".csv"); }

const Registration kCsv{
    readers(), "csv",
    Reader{.help = "your own list of pictures: columns path, label (optional) and part (optional)",
           .layout =
               "a csv file with a first line of column names: path (relative to the file's folder), label (a name or a number; "
               "empty = unlabeled), part (train, validation or test)",
           .citation = "",
           .recognizes = recognizes,
           .list = list,
           .general = true,
           .file = true}};

}  // namespace
}  // namespace leaf
