#include "leaf/data/csv.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

constexpr size_t kLongestField = size_t{1} << 20;

}  // namespace

void check_list(int64_t rows, int64_t fields, std::string_view name, int64_t line) {
  const auto& most = limits().list;
  if (rows > most.rows)
    fail("{} line {}: a list of labels has at most {} rows, this one has more; divide it", name, line, most.rows);
  if (fields > most.fields)
    fail("{} line {}: a row has at most {} fields, this one has more; is this a list of labels?", name, line, most.fields);
}

CsvReader::CsvReader(std::string_view text, std::string name, size_t begin)
    : text_(text), name_(std::move(name)), position_(begin) {
  if (begin == 0 && text_.starts_with("\xef\xbb\xbf")) position_ = 3;  // elsewhere it is a character of a field
}

std::string CsvReader::where() const { return fmt::format("{} line {}", name_, line_); }

bool CsvReader::at_break() const { return position_ >= text_.size() || text_[position_] == '\n' || text_[position_] == '\r'; }

void CsvReader::skip_break() {
  if (position_ < text_.size() && text_[position_] == '\r') ++position_;
  if (position_ < text_.size() && text_[position_] == '\n') ++position_;
  ++current_line_;
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  while (position_ < text_.size() && at_break()) skip_break();
  if (position_ >= text_.size()) return false;
  line_ = current_line_;
  offset_ = position_;
  ++rows_;
  for (;;) {
    fields.push_back(field());
    check_list(rows_, std::ssize(fields), name_, line_);
    if (at_break()) break;
    ++position_;  // the comma
  }
  if (position_ < text_.size()) skip_break();
  return true;
}

std::string CsvReader::field() {
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  if (position_ < text_.size() && text_[position_] == '"') return quoted();
  const size_t end = std::min(text_.find_first_of(",\r\n", position_), text_.size());
  if (end - position_ > kLongestField) fail("{}: a field is longer than {} bytes", where(), kLongestField);
  const auto result = trim(text_.substr(position_, end - position_));
  position_ = end;
  return std::string(result);
}

std::string CsvReader::quoted() {
  std::string result;
  for (++position_;; ++position_) {
    if (position_ >= text_.size() || result.size() > kLongestField) fail("{}: a quote is opened and not closed", where());
    if (text_[position_] == '"') {
      if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') break;
      ++position_;
    }
    if (text_[position_] == '\n') ++current_line_;
    result += text_[position_];
  }
  ++position_;
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  if (!at_break() && text_[position_] != ',') fail("{}: text follows the closing quote of a field", where());
  return result;
}

CsvHeader::CsvHeader(CsvReader& reader) {
  const bool found = reader.next(names_);
  where_ = reader.where();
  if (!found) fail("{}: the file is empty; a first line with the names of the columns is expected", where_);
  for (auto& name : names_) name = lower(name);
}

int64_t CsvHeader::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), lower(name));
  return found == names_.end() ? -1 : found - names_.begin();
}

int64_t CsvHeader::find_or_slip(std::string_view name) const {
  const int64_t column = find(name);
  if (column >= 0) return column;
  for (const auto& other : names_) {
    const bool near = edit_distance(name, other) <= 2 && other.size() + 1 >= name.size();
    if (near)
      fail("{}: the column \"{}\" is not known; if it is meant to be \"{}\", call it so, else give it another name", where_,
           printable(other), name);
  }
  return -1;
}

int64_t CsvHeader::at(std::string_view name) const {
  const int64_t column = find(name);
  if (column < 0) fail("{}: there is no column \"{}\"; the columns are {}", where_, name, printable(join(names_)));
  return column;
}

void CsvHeader::check(const CsvReader& reader, const std::vector<std::string>& fields) const {
  if (fields.size() == names_.size()) return;
  fail("{}: expected {} columns ({}), found {}", reader.where(), names_.size(), printable(join(names_)), fields.size());
}

std::string csv_field(const std::string& text) {
  auto shown = printable(text);
  const bool formula = !shown.empty() && std::string_view("=+-@").find(shown.front()) != std::string_view::npos;
  if (formula && !to_number(shown)) shown.insert(0, 1, '\'');
  const bool spaced = trim(shown).size() != shown.size();
  if (!spaced && shown.find_first_of(",\"") == std::string::npos) return shown;
  std::string quoted = "\"";
  for (const char c : shown) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace leaf
