#include "leaf/data/reader.h"

#include <unordered_map>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/text.h"
#include "leaf/data/open.h"

namespace leaf {
namespace {

/// The source, or the one folder that wraps everything in it (as archives often have), whichever the reader recognizes.
std::shared_ptr<const Source> recognized(const Reader& reader, const std::shared_ptr<const Source>& source) {
  if (!reader.recognizes || (!source->file().empty() && !reader.file)) return nullptr;
  if (reader.recognizes(*source)) return source;
  if (!source->file().empty()) return nullptr;
  const auto entries = source->entries("");
  if (entries.size() != 1 || !entries[0].folder) return nullptr;
  auto inner = source_below(source, entries[0].name);
  return reader.recognizes(*inner) ? inner : nullptr;
}

std::string wanted_layouts() {
  std::vector<std::string> names;
  for (const auto& name : readers().names()) {
    if (readers().at(name).recognizes) names.push_back(name);
  }
  return join(names);
}

OpenedSource recognize(const std::string& path, const std::shared_ptr<const Source>& source) {
  for (const bool general : {false, true}) {
    std::vector<std::string> names;
    std::shared_ptr<const Source> found;
    for (const auto& name : readers().names()) {
      if (readers().at(name).general != general) continue;
      if (auto inner = recognized(readers().at(name), source)) {
        names.push_back(name);
        found = std::move(inner);
      }
    }
    if (names.size() > 1)
      fail("{} may be read as {}; say which, as in {}:{}", printable(path), join(names, " or "), names[0], printable(path));
    if (names.size() == 1) return {names[0], path, found};
  }
  fail("{} has the layout of no known data set; looked for {} (see `leaf datasets`), or name one as in folder:{}",
       printable(path), wanted_layouts(), printable(path));
}

std::string where_listed(const Listing& listing, const Record& record) {
  if (record.list < 0) return "";
  return fmt::format(" ({} line {})", printable(listing.lists[record.list]), record.line);
}

/// Names go into files of JSON, which is UTF-8.
void check_names(Listing& listing) {
  for (const auto& name : listing.classes) {
    if (!is_utf8(name)) fail("{}: the name of the class {} is no UTF-8; give it another one", listing.name, printable(name));
  }
  std::erase_if(listing.records, [&](const Record& record) {
    const bool wrong = !is_utf8(record.path);
    if (wrong) listing.left_out.push_back({record.path, "its name is no UTF-8"});
    return wrong;
  });
}

void check_labels(const Listing& listing) {
  const auto classes = static_cast<int64_t>(listing.classes.size());
  check_class_count(classes, listing.name);
  for (const auto& record : listing.records) {
    if (record.label >= kUnlabeled && record.label < classes) continue;
    throw std::logic_error(
        fmt::format("reader {}: label {} of {} outside {} classes", listing.name, record.label, record.name(), classes));
  }
}

void drop_repeated(Listing& listing) {
  std::unordered_map<std::string, size_t> first;
  std::vector<Record> kept;
  kept.reserve(listing.records.size());
  for (auto& record : listing.records) {
    const auto [found, is_new] = first.emplace(record.name(), kept.size());
    if (is_new) {
      kept.push_back(std::move(record));
      continue;
    }
    const auto& other = kept[found->second];
    if (other.label != record.label || other.part != record.part) {
      fail("{}: the face {} is listed twice with different labels or parts{}{}; remove one", listing.name,
           printable(record.name()), where_listed(listing, other), where_listed(listing, record));
    }
  }
  if (const size_t repeated = listing.records.size() - kept.size(); repeated > 0) {
    listing.dropped.push_back(fmt::format("{} faces listed more than once", repeated));
  }
  listing.records = std::move(kept);
}

}  // namespace

std::string Record::name() const {
  return box.whole() ? path : fmt::format("{}#{},{},{},{}", path, box.left, box.top, box.width, box.height);
}

void check_class_count(int64_t classes, std::string_view where) {
  if (classes > limits().list.classes)
    fail("{}: {} classes, more than {}; are these labels?", where, classes, limits().list.classes);
}

Registry<Reader>& readers() {
  static Registry<Reader> registry("data set");
  return registry;
}

SourceName parse_source(const std::string& text) {
  if (text.empty()) fail_usage("a data set is needed: NAME:PATH, as in ferplus:DIR; see `leaf datasets`");
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {"", text};
  const SourceName named{text.substr(0, colon), text.substr(colon + 1)};
  std::error_code code;
  if (!readers().contains(named.reader) && std::filesystem::exists(text, code)) return {"", text};
  readers().at(named.reader);  // throws for an unknown one
  if (named.path.empty()) fail_usage("nothing follows \"{}:\"; give the path, as in {}:DIR", named.reader, named.reader);
  return named;
}

std::string located(const std::string& text) {
  if (text.empty()) return text;
  const auto named = parse_source(text);
  if (!named.reader.empty() && readers().at(named.reader).generate) return text;
  const auto path = std::filesystem::absolute(named.path).lexically_normal().string();
  return named.reader.empty() ? path : named.reader + ":" + path;
}

OpenedSource open_data(const std::string& text) {
  const auto named = parse_source(text);
  if (named.reader.empty()) return recognize(named.path, open_source(named.path));
  const auto& reader = readers().at(named.reader);
  if (reader.generate) return {named.reader, named.path, nullptr};
  return {named.reader, named.path, open_source(named.path)};
}

Listing list_faces(OpenedSource& opened, const DataOptions& options) {
  const auto& reader = readers().at(opened.reader);
  if (opened.source) {
    if (!opened.source->file().empty() && !reader.file) {
      fail("{} is a file, and no archive that is read; {} needs a folder or an archive: {}", printable(opened.argument),
           opened.reader, reader.layout);
    }
    if (auto inner = recognized(reader, opened.source)) opened.source = std::move(inner);
  }
  Listing listing = opened.source ? reader.list(*opened.source, options) : reader.generate(opened.argument, options);
  listing.name = opened.reader;
  if (!opened.source && !listing.picture) throw std::logic_error("reader " + opened.reader + " generates faces without pictures");
  if (listing.records.empty()) fail("{}: no face found; expected {}", printable(opened.argument), reader.layout);
  check_labels(listing);
  check_names(listing);
  drop_repeated(listing);
  return listing;
}

}  // namespace leaf
