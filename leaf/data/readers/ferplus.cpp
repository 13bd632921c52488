#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"
#include "leaf/data/expressions.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/fer2013_pixels.h"
#include "leaf/data/readers/reading.h"
#include "leaf/data/votes.h"

namespace leaf {
namespace {

struct OfficialFolder {
  const char* name;
  Part part;
};
constexpr OfficialFolder kFolders[] = {
    {"FER2013Train", Part::train}, {"FER2013Valid", Part::validation}, {"FER2013Test", Part::test}};

/// "" or "data", whichever holds the folders with their label files; nothing found = false.
bool find_base(const Source& source, std::string& base) {
  for (const char* candidate : {"", "data"}) {
    for (const auto& [name, part] : kFolders) {
      base = candidate;
      if (source.has_file(join_path(join_path(base, name), "label.csv"))) return true;
    }
  }
  return false;
}

Votes read_votes(const std::vector<std::string>& fields, size_t first, const std::string& where) {
  Votes votes{};
  for (size_t i = 0; i < votes.size(); ++i) {
    const auto count = to_number(fields[first + i]);
    if (!count || !(*count >= 0 && *count <= 1000)) {
      fail("{}: the votes must be numbers from 0 to 1000, not \"{}\"", where, printable(fields[first + i]));
    }
    votes[i] = *count;
  }
  return votes;
}

void add_face(Record record, const Votes& votes, const std::string& mode, Listing& listing, Tally& dropped) {
  auto verdict = judge(votes, mode);
  if (verdict.label < 0) {
    dropped.add(mode == "majority" ? "faces without a majority for an expression" : "faces whose votes agree on no expression");
    return;
  }
  record.label = verdict.label;
  if (mode != "majority") record.target = std::move(verdict.target);
  listing.records.push_back(std::move(record));
}

void add_folder(const Source& source, const std::string& folder, Part part, const DataOptions& options, Listing& listing,
                Tally& dropped) {
  listing.lists.push_back(join_path(folder, "label.csv"));
  const std::string text = source.read(listing.lists.back());
  CsvReader rows(text, join_path(source.name(), listing.lists.back()));
  for (std::vector<std::string> fields; rows.next(fields);) {
    if (fields.size() != 11 && fields.size() != 12) {
      fail("{}: expected a name, a box that may be missing, and 10 votes: 11 or 12 columns, found {}", rows.where(),
           fields.size());
    }
    Record record;
    record.path = join_path(folder, fields[0]);
    record.part = part;
    record.list = static_cast<int32_t>(listing.lists.size()) - 1;
    record.line = rows.line();
    add_face(std::move(record), read_votes(fields, fields.size() - 10, rows.where()), options.votes, listing, dropped);
  }
}

Listing list_folders(const Source& source, const std::string& base, const DataOptions& options) {
  Listing listing;
  Tally dropped;
  for (const auto& [name, part] : kFolders) {
    const auto folder = join_path(base, name);
    if (source.has_file(join_path(folder, "label.csv"))) {
      add_folder(source, folder, part, options, listing, dropped);
    } else {
      listing.dropped.push_back(fmt::format("no {}: the data set is read without it", join_path(folder, "label.csv")));
    }
  }
  for (auto& remark : dropped.remarks()) listing.dropped.push_back(std::move(remark));
  return listing;
}

/// Microsoft's fer2013new.csv beside FER2013's own csv: row i of one belongs to row i of the other.
Listing list_csv(const Source& source, const DataOptions& options) {
  Listing listing;
  Tally dropped;
  const auto pixels = read_fer2013(source, "fer2013.csv");
  listing.lists = {"fer2013new.csv"};
  listing.picture = pixels->picture();
  const std::string text = source.read("fer2013new.csv");
  CsvReader rows(text, join_path(source.name(), "fer2013new.csv"));
  const CsvHeader header(rows);
  const auto usage = header.at("usage"), name = header.at("image name"), first = header.at("neutral");
  if (header.at("nf") != first + 9) fail("{}: the columns from neutral to NF must be ten", rows.where());
  int64_t row = 0;
  for (std::vector<std::string> fields; rows.next(fields); ++row) {
    header.check(rows, fields);
    if (fields[name].empty()) {
      dropped.add("pictures that FERPlus removed");
      continue;
    }
    Record record;
    if (!part_of(fields[usage], record.part))
      fail("{}: the usage must be Training, PublicTest or PrivateTest, not \"{}\"", rows.where(), printable(fields[usage]));
    record.path = join_path(kFolders[static_cast<int>(record.part)].name, fields[name]);
    record.list = 0;
    record.line = rows.line();
    pixels->name(record.path, row);
    add_face(std::move(record), read_votes(fields, static_cast<size_t>(first), rows.where()), options.votes, listing, dropped);
  }
  if (row != pixels->rows())
    fail("{}: fer2013new.csv has {} rows and fer2013.csv has {}; they must belong together", source.name(), row, pixels->rows());
  std::stable_sort(listing.records.begin(), listing.records.end(),
                   [](const Record& a, const Record& b) { return a.part < b.part; });
  listing.dropped = dropped.remarks();
  return listing;
}

bool has_csv(const Source& source) { return source.has_file("fer2013new.csv") && source.has_file("fer2013.csv"); }

/// Whether at least one of the folders holds pictures, not only its label file (as in Microsoft's repository).
bool has_pictures(const Source& source, const std::string& base) {
  return std::any_of(std::begin(kFolders), std::end(kFolders), [&](const OfficialFolder& folder) {
    const auto path = join_path(base, folder.name);
    return source.has_folder(path) && !source.pictures(path).empty();
  });
}

bool recognizes(const Source& source) {
  std::string base;
  return find_base(source, base) || has_csv(source);
}

Listing list(const Source& source, const DataOptions& options) {
  std::string base;
  const bool folders = find_base(source, base);
  if (!folders && !has_csv(source)) {
    fail("{} does not look like FERPlus: expected {}", source.name(), readers().at("ferplus").layout);
  }
  const bool from_csv = has_csv(source) && !(folders && has_pictures(source, base));
  Listing listing = from_csv ? list_csv(source, options) : list_folders(source, base, options);
  listing.classes = expressions();
  return listing;
}

const Registration kFerPlus{
    readers(), "ferplus",
    Reader{.help = "FER+: 48x48 grey faces, ten votes each, 8 classes",
           .layout = "FER2013Train, FER2013Valid and FER2013Test (or data/FER2013Train …), each with label.csv and its "
                     "pictures; "
                     "or fer2013new.csv beside fer2013.csv",
           .citation = "Barsoum et al., Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label "
                       "Distribution, ICMI 2016, arXiv 1608.01041",
           .recognizes = recognizes,
           .list = list}};

}  // namespace
}  // namespace leaf
